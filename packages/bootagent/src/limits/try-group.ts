import process from 'node:process'
import { placeIn, sweepPlace } from './group-tree.ts'
import type { Setting } from './group-settings.ts'
import { makeGroup, removeGroup, writeKernel } from './kernel-file.ts'

/** A group made to see what can be done with one. */
export interface GroupTrial {
  readonly hierarchy: string
  readonly key: string
  /** Looks at the group while it is there, by its path; answers what is wrong with it. */
  readonly look: (path: string) => string | undefined
}

/** Makes a group, looks at it, and removes it again; answers why groups cannot be used here, or undefined when they can. */
export function tryGroup({ hierarchy, key, look }: GroupTrial): string | undefined {
  const place = placeIn(hierarchy, key)
  // A second BootAgent program, asked for its status meanwhile, tries one of its own.
  const path = `${place}/trial-${process.pid}`
  const refused = makeGroup(path)?.why ?? look(path)
  removeGroup(path)
  sweepPlace(place)
  return refused
}

/** Writes settings into a group that is tried; the first reason against it. */
export function trySettings(path: string, settings: readonly Setting[]): string | undefined {
  for (const { file, value } of settings) {
    const refused = writeKernel(`${path}/${file}`, value)
    if (refused !== undefined) return refused.why
  }
  return undefined
}
