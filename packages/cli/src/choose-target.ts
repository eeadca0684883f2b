import { Tags, type Target } from '@bootagent/protocol'
import type { Api } from './api.ts'
import { CliError } from './errors.ts'
import { findHost } from './find-host.ts'
import { readWith } from './schema.ts'

/** How a command line says which hosts a job is for. */
export interface TargetOptions {
  /** Each a whole agentsn, the beginning of one, or a hostname. */
  readonly host?: readonly string[]
  readonly tags?: string
  readonly all?: boolean
}

/** The hosts of a job. Exactly one way of naming them is taken: two would leave open whether both or either must hold. Throws CliError. */
export async function chooseTarget(api: Api, { host, tags, all }: TargetOptions): Promise<Target> {
  const ways = [host, tags, all].filter((way) => way !== undefined)
  if (ways.length === 0) throw new CliError('usage', 'say which hosts: --host SN …, --tags k=v, or --all')
  if (ways.length > 1) throw new CliError('usage', '--host, --tags and --all exclude each other')
  if (host !== undefined) return { hosts: await resolveHosts(api, host) }
  if (tags !== undefined) return { tags: await readSelector(tags) }
  return { all: true }
}

/** A selector as it was written; an empty one, which would select every host, is refused. Throws CliError. */
export async function readSelector(tags: string): Promise<string> {
  if (tags === '') throw new CliError('usage', 'tags: empty; --all means every host')
  const judged = await readWith(Tags, tags)
  if ('refused' in judged) throw new CliError('usage', judged.refused)
  return judged.value
}

/** The agentsns of hosts as they were named, each once. Throws CliError. */
export async function resolveHosts(api: Api, names: readonly string[]): Promise<string[]> {
  const hosts = await api.hosts()
  return [...new Set(names.map((name) => findHost(name, hosts).agentsn))]
}
