import type { Happening } from '../../../packages/bootagent/src/happening.ts'
import {
  type AgentRecord,
  type Metafile,
  readMetafile,
  writtenMetafile,
} from '../../../packages/bootagent/src/state/metafile-schema.ts'
import { alike } from '../../../packages/bootagent/src/state/releases.ts'
import type { Machine } from '../host/machine.ts'
import type { Program } from '../host/programs.ts'
import type { Time } from './time.ts'

/** What is known of one host from outside: everything an invariant may be about. */
export interface HostFacts {
  readonly name: string
  readonly machine: Machine
  readonly time: Time
  /** The metafile as it was last made durable, or as the last life found it; undefined before the first. */
  metafile: Metafile | undefined
  /** Its text on the disk, where a life found it; that of one it has written is {@link textOf} it. */
  found: string | undefined
  /** Changes since then of which nobody was told whether they are on the disk. */
  readonly attempted: Set<Metafile>
  /** The disk has refused a change in this life: supervision holds such back, and they come with the next. */
  heldBack: boolean
  /** How often a job has made another release current. */
  readonly switches: Map<string, number>
  /** How often a program was ended on request while a job was at work on its agent. */
  readonly requestedEnds: Map<string, number>
  /** The first result of each job, as it was made durable. */
  readonly results: Map<string, string>
  /** Seconds of the host's own wall clock at which a result was known to be acknowledged. */
  readonly acknowledged: Map<string, number>
  /** Jobs that came again after their keys were forgotten, which the host counts by its wall clock: to it they are new. */
  readonly forgotten: Set<string>
  /** Milliseconds: when a release of an agent was last seen to run. */
  readonly lastAlive: Map<string, number>
  /** The last thing that happened of each kind, for what needs the order of two. */
  last: Happening | undefined
}

export function newFacts(machine: Machine, time: Time): HostFacts {
  return {
    name: machine.name,
    machine,
    time,
    metafile: undefined,
    found: undefined,
    attempted: new Set(),
    heldBack: false,
    switches: new Map(),
    requestedEnds: new Map(),
    results: new Map(),
    acknowledged: new Map(),
    forgotten: new Set(),
    lastAlive: new Map(),
    last: undefined,
  }
}

/** The text of a metafile as it is written. Values never change, and are asked for over and over: each is laid out once. */
export function textOf(metafile: Metafile): string {
  const known = texts.get(metafile) ?? writtenMetafile(metafile)
  texts.set(metafile, known)
  return known
}

const texts = new WeakMap<Metafile, string>()

/** What of the metafile no power cut could take away: undefined when there may be none. */
export function certainMetafile({ machine }: Pick<HostFacts, 'machine'>): Metafile | undefined {
  const text = certainText(machine)
  const reading = text === undefined ? undefined : readMetafile(text)
  return reading?.kind === 'ok' ? reading.metafile : undefined
}

/** The text that programs find there now. */
export function metafileText({ disk }: Machine): string | undefined {
  const file = disk.findIfThere('/home/metafile.json')
  return file?.kind === 'file' ? file.bytes.toString() : undefined
}

export function certainText({ disk }: Machine): string | undefined {
  const home = disk.root.synced.get('home')
  const file = home?.kind === 'directory' ? home.synced.get('metafile.json') : undefined
  return file?.kind === 'file' ? file.synced?.toString() : undefined
}

/** The job at work on an agent, by its key. */
export function jobAtWork(metafile: Metafile | undefined, name: string): string | undefined {
  if (metafile === undefined) return undefined
  return Object.keys(metafile.jobs).find((key) => {
    const record = metafile.jobs[key]
    return record?.state === 'running' && record.job?.name === name && record.job.action !== 'cancel'
  })
}

/** The living programs of an agent. */
export function aliveOf({ machine }: HostFacts, name: string): readonly Program[] {
  return machine.programs.of(name).filter((program) => program.end === undefined)
}

/** The release that is to run now: the one place that knows how a record says so. */
export function currentOf(agent: AgentRecord | undefined): string | null {
  return agent?.release ?? null
}

/** Whether a change is the way back of the trial that was under way, whatever ended that. */
export function isGoingBack(was: AgentRecord | undefined, agent: AgentRecord): boolean {
  return was?.trial !== undefined && was.trial !== null && agent.trial?.job === was.trial.job && agent.release === was.trial.from
}

/** Whether what was started from one release runs as the other asks: the same, or all but its limits. */
export function runsAs(agent: AgentRecord | undefined, release: string, other: string | null): boolean {
  return other !== null && (release === other || (agent !== undefined && alike(agent.releases, release, other)))
}

/** The release that would be gone back to. */
export function previousOf(agent: AgentRecord | undefined): string | null {
  return agent?.previous ?? null
}
