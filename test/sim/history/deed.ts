import type { Action } from '@bootagent/protocol'
import type { MirrorFault } from '../host/worker.ts'
import type { Cargo } from '../world/packages.ts'
import type { NetworkFault, ReplyFault } from '../world/network.ts'

/** One thing that the adversary does, as data; times are seconds. A history is a list of these and a seed for all the rest. */
export type Deed = { readonly at: number } & (
  | ({ readonly kind: 'order' } & Order)
  /** Calls off the order before, or the one before that, … */
  | { readonly kind: 'cancel'; readonly back: number }
  /** An operator at the host itself. */
  | {
      readonly kind: 'order at host'
      readonly host: number
      readonly action: 'start' | 'stop' | 'restart' | 'reset'
      readonly name: string
    }
  /** A job that no operator asked for comes with the next answer: the id of another job, or one that is no job. */
  | {
      readonly kind: 'strange job'
      readonly host: number
      readonly like: 'same id' | 'malformed' | 'unknown action' | 'nameless'
    }
  /** BootAgent is killed before its disk's `after`-th change from now; 0 is at once. */
  | { readonly kind: 'kill'; readonly host: number; readonly after: number; readonly away: number }
  | { readonly kind: 'power cut'; readonly host: number; readonly after: number; readonly away: number }
  /** The server dies at its `after`-th write from now; 0 is at once. */
  | { readonly kind: 'server dies'; readonly after: number; readonly away: number }
  | { readonly kind: 'network'; readonly host: number; readonly fault: NetworkFault; readonly lasts: number }
  | { readonly kind: 'answers'; readonly host: number; readonly fault: ReplyFault; readonly lasts: number }
  | { readonly kind: 'mirror'; readonly host: number; readonly fault: MirrorFault; readonly lasts: number }
  | { readonly kind: 'clock'; readonly host: number; readonly by: number }
  | { readonly kind: 'disk full'; readonly host: number; readonly lasts: number }
  /** Whoever changes it waits. */
  | { readonly kind: 'disk stands still'; readonly host: number; readonly lasts: number }
  | {
      readonly kind: 'disk fails'
      readonly host: number
      readonly operation: 'make' | 'write' | 'sync' | 'name'
      readonly after: number
    }
  /** Ends of programs are seen by looking only. */
  | { readonly kind: 'deaf'; readonly host: number; readonly lasts: number }
)

/** What an operator asks of the server. */
export interface Order {
  readonly action: Action
  readonly hosts: readonly number[]
  readonly name?: string
  readonly version?: string
  readonly expect?: string
  readonly force?: boolean
  /** Seconds from the order. */
  readonly deadline?: number
  readonly purge?: boolean
  readonly step?: number
  readonly svrlist?: string
  readonly envs?: Readonly<Record<string, string>>
}

/** One history: with the same commit it happens the same way, to the last letter. */
export interface History {
  readonly seed: number
  /** Which hosts there are, by number. */
  readonly hosts: readonly number[]
  readonly deeds: readonly Deed[]
  /** What is to be so of packages (`alpha 2.0`), whatever the seed would draw. */
  readonly packages?: Readonly<Record<string, Partial<Pick<Cargo, 'flaw' | 'temper'>>>>
}

type Told = { readonly [K in Deed['kind']]: (deed: Extract<Deed, { kind: K }>) => string }

const hostOf = ({ host }: { readonly host: number }) => `h${host + 1}`
const moment = (after: number) => (after === 0 ? 'at once' : `before change ${after} of its disk`)

const SENTENCES: Told = {
  order: ({ action, hosts, name, version, expect, deadline, purge, step, svrlist, envs, force }) =>
    [
      `an operator asks ${hosts.map((host) => `h${host + 1}`).join(', ')} to ${action}`,
      name,
      version,
      expect === undefined ? undefined : `expecting ${expect}`,
      deadline === undefined ? undefined : `within ${deadline} s`,
      force === true ? 'by force' : undefined,
      purge === true ? 'and its data' : undefined,
      step === undefined ? undefined : `step ${step}`,
      svrlist === undefined ? undefined : `servers ${svrlist}`,
      envs === undefined ? undefined : `with ${JSON.stringify(envs)}`,
    ]
      .filter((part) => part !== undefined)
      .join(' '),
  cancel: ({ back }) => `an operator calls off the order ${back === 0 ? 'before' : `${back + 1} before`}`,
  'order at host': (deed) => `somebody at ${hostOf(deed)} orders ${deed.action} ${deed.name}`,
  'strange job': (deed) => `the next answer to ${hostOf(deed)} carries a job that nobody asked for (${deed.like})`,
  kill: (deed) => `BootAgent of ${hostOf(deed)} is killed ${moment(deed.after)}, and started again ${deed.away} s later`,
  'power cut': (deed) => `${hostOf(deed)} loses its power ${moment(deed.after)}, and has it back ${deed.away} s later`,
  'server dies': ({ after, away }) =>
    `the server dies ${after === 0 ? 'at once' : `before its write ${after}`}, and is back ${away} s later`,
  network: (deed) => `for ${deed.lasts} s exchanges of ${hostOf(deed)} are ${deed.fault}`,
  answers: (deed) => `for ${deed.lasts} s jobs in answers to ${hostOf(deed)} are ${deed.fault}`,
  mirror: (deed) => `for ${deed.lasts} s downloads of ${hostOf(deed)} meet: ${deed.fault}`,
  clock: (deed) => `the wall clock of ${hostOf(deed)} is set by ${deed.by} s`,
  'disk full': (deed) => `the disk of ${hostOf(deed)} is full for ${deed.lasts} s`,
  'disk stands still': (deed) => `the disk of ${hostOf(deed)} stands still for ${deed.lasts} s`,
  'disk fails': (deed) => `the ${deed.after}. "${deed.operation}" of the disk of ${hostOf(deed)} from now fails`,
  deaf: (deed) => `for ${deed.lasts} s ${hostOf(deed)} is not told when a program ends`,
}

/** A deed as a sentence. */
export function describeDeed(deed: Deed): string {
  return (SENTENCES[deed.kind] as (deed: Deed) => string)(deed)
}
