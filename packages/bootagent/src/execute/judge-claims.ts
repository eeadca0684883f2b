import { meetsNeed, type Reason } from '@bootagent/protocol'
import { StepError } from '../errors.ts'
import type { WorkerResult } from '../worker/request.ts'

/** What a package must be, as the job and the host say. */
export interface Expected {
  readonly name: string
  /** The version the job names; undefined when it names none. */
  readonly version: string | undefined
  /** This host, in Node's words. */
  readonly os: string
  readonly arch: string
  /** The version of this BootAgent. */
  readonly bootagent: string
}

/** What a package says of itself, in its `agent.json` and in the control data of a deb or an rpm. */
export type Said = Pick<WorkerResult<'inspect'>, 'manifest' | 'arch' | 'os'>

/** Throws a StepError that names both sides when a package says that it is something else than what was asked for, or for another host. */
export function judgeClaims({ manifest, arch, os }: Said, expected: Expected): void {
  refuseOther(manifest?.name, expected.name, 'agent.json calls the package')
  refuseOther(manifest?.version, expected.version, 'agent.json gives the package the version')
  for (const said of [manifest?.os, os]) refusePlatform(said, expected.os, SYSTEMS)
  for (const said of [manifest?.arch, arch]) refusePlatform(said, expected.arch, PROCESSORS)
  const needed = manifest?.bootagent
  if (needed === undefined || meetsNeed(needed, expected.bootagent)) return
  throw refusal('bootagent-too-old', `the package needs BootAgent ${needed}, and this is ${expected.bootagent}: upgrade it first`)
}

function refuseOther(said: string | undefined, asked: string | undefined, what: string): void {
  if (said === undefined || asked === undefined || said === asked) return
  throw refusal('package-contradicts', `${what} ${said}, and the job says ${asked}`)
}

/** Words for a processor and for a system, by Node's own. */
type Words = Readonly<Record<string, readonly string[]>>

/** Debian's and rpm's beside it; what fits every processor is `any`. */
const PROCESSORS: Words = {
  x64: ['x64', 'amd64', 'x86_64'],
  arm64: ['arm64', 'aarch64'],
  any: ['any', 'all', 'noarch'],
}
const SYSTEMS: Words = { linux: ['linux'], any: ['any', 'all'] }

function refusePlatform(said: string | undefined, own: string, words: Words): void {
  if (said === undefined) return
  const fits = [...(words[own] ?? [own]), ...(words['any'] ?? [])]
  if (fits.includes(said.toLowerCase())) return
  throw refusal('platform-wrong', `the package is for ${said.replace(/[^\x21-\x7e]/g, '?')}, and this host is ${own}`)
}

function refusal(reason: Reason, message: string): StepError {
  return new StepError(reason, message)
}
