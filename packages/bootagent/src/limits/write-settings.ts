import type { LimitName, Unapplied } from './driver.ts'
import type { Controller, Setting } from './group-settings.ts'
import { type KernelRefusal, writeKernel } from './kernel-file.ts'

/** Where the settings of one attempt go. */
export interface SettingsTarget {
  /** Limits that are wanted; all others are being lifted. */
  readonly wanted: readonly LimitName[]
  /** The group's directory by controller; undefined for a controller that the host does not offer. */
  readonly directory: (controller: Controller) => string | undefined
  /** Why it does not. */
  readonly missing: string
}

/** Writes settings in their order; what was not taken is the answer, each reason once. One refusal does not end the others. */
export function writeSettings(settings: readonly Setting[], { wanted, directory, missing }: SettingsTarget): Unapplied[] {
  const unapplied = new Map<string, Unapplied>()
  for (const setting of settings) {
    const { limit, controller, file, value } = setting
    const path = directory(controller)
    const refused = path === undefined ? undefined : writeKernel(`${path}/${file}`, value)
    const why = path === undefined ? missing : refused && explain(setting, refused)
    // A controller that is not there has nothing to lift either.
    if (why !== undefined && (path !== undefined || wanted.includes(limit))) unapplied.set(`${limit} ${why}`, { limit, why })
  }
  return [...unapplied.values()]
}

function explain({ limit, value }: Setting, { code, why }: KernelRefusal): string {
  if (limit !== 'disk' || code !== 'ENODEV') return why
  return `${value.split(' ')[0]} is no whole disk of this host (${code})`
}
