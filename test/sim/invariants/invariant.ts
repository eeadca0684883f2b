import type { JobResult, StatusReport } from '@bootagent/protocol'
import type { Metafile } from '../../../packages/bootagent/src/state/metafile-schema.ts'
import type { Program } from '../host/programs.ts'
import type { SimulatedServer } from '../server/server.ts'
import type { HostFacts } from '../world/facts.ts'
import type { Warehouse } from '../world/packages.ts'

/** A moment at which something can be judged, with all that may be judged by. */
export interface Sights {
  /** After everything that happens. */
  step: Fleet
  /** A change of the metafile was said to be durable. */
  recorded: { readonly host: HostFacts; readonly before: Metafile; readonly after: Metafile; readonly fleet: Fleet }
  /** A life begins with the metafile it found. */
  found: { readonly host: HostFacts; readonly metafile: Metafile }
  /** A job ended; the world is as it was when its result was made durable. */
  result: ResultSight
  started: { readonly host: HostFacts; readonly program: Program; readonly fleet: Fleet }
  ended: { readonly host: HostFacts; readonly program: Program }
  /** A report leaves its host. */
  sent: { readonly host: HostFacts; readonly report: StatusReport }
  /** A host has the answer to a report. */
  answered: { readonly host: HostFacts; readonly report: StatusReport; readonly fleet: Fleet }
  /** BootAgent has ended by itself. */
  fault: { readonly host: HostFacts; readonly error: unknown }
  /** A promise was rejected, and nobody had asked to be told: Node ends a program for that. */
  unhandled: { readonly error: unknown }
  /** Every fault is over, and there was time for everything. */
  rest: Fleet
}

export interface ResultSight {
  readonly host: HostFacts
  readonly key: string
  readonly result: JobResult
  readonly before: Metafile
  readonly after: Metafile
  readonly fleet: Fleet
}

/** The whole world. */
export interface Fleet {
  readonly hosts: readonly HostFacts[]
  readonly server: SimulatedServer
  readonly warehouse: Warehouse
}

export type Moment = keyof Sights

/** Something that must be true at every moment of its kind. It sees values and changes nothing. */
export interface Invariant<M extends Moment = Moment> {
  readonly name: string
  /** One sentence. */
  readonly claim: string
  readonly at: M
  /** What is wrong, or undefined. */
  readonly judge: (sight: Sights[M]) => string | undefined
}

export function invariant<M extends Moment>(of: Invariant<M>): Invariant {
  return of as unknown as Invariant
}
