import type { AgentReport, Platform } from '@bootagent/protocol'

/** A machine with one BootAgent, as the server knows it. */
export interface Host {
  readonly agentsn: string
  readonly hostname: string
  /** What tells its machine from a clone; absent for a host first known by a report, until it registers. */
  readonly machine?: string | undefined
  readonly tags: string
  /** `bootagent-1.2.4-x86_64`; empty until it has said. */
  readonly version: string
  readonly platform?: Platform | undefined
  /** Unix seconds. */
  readonly registered: number
  /** Its last report; absent until the first. */
  readonly report?: LastReport | undefined
}

/** What the last report said, besides what it said about jobs. */
export interface LastReport {
  readonly hostname: string
  readonly version: string
  readonly platform?: Platform | undefined
  /** When it came, in Unix seconds by the server's clock. */
  readonly seen: number
  /** Seconds until the next. */
  readonly step: number
  readonly agents: readonly AgentReport[]
  readonly features: readonly string[]
}

/** The step a host has until it says another (seed 001, status report). */
export const FIRST_STEP = 600

/** The longest step that is kept, a day: a host may say any number, and the database must be able to read it back. */
export const LONGEST_STEP = 86_400

/** What packages are chosen by. A host that knows only the seed says it in its version; the seed's example stands for the rest. */
export function platformOf(host: Pick<Host, 'platform' | 'version'>): Platform {
  if (host.platform !== undefined) return host.platform
  const arch = ARCHITECTURES.find(([spelling]) => host.version.endsWith(spelling))?.[1]
  return { os: 'linux', arch: arch ?? 'x64' }
}

/** The ends of version strings, as package builders spell processors, and Node's words for them. */
const ARCHITECTURES = [
  ['x86_64', 'x64'],
  ['amd64', 'x64'],
  ['aarch64', 'arm64'],
  ['arm64', 'arm64'],
] as const
