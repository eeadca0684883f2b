import { readdirSync } from 'node:fs'
import { findAlive, isAlive, type ProcessIdentity, type ProcessStat, readProc, readStat } from './process-identity.ts'

/**
 * The variable every process of an attempt inherits; its value is the attempt's directory, whose name holds a nonce.
 * A program that starts others keeps it without knowing of it.
 */
export const TAG = 'BOOTAGENT_ATTEMPT'

/** A process as a scan found it. */
export interface Sighting extends ProcessStat {
  /** The value of its {@link TAG}; undefined when it has none, or when its environment is not ours to read. */
  readonly tag?: string
}

/** What the directories of an agent's attempts say about its processes. */
export interface Clan {
  /** Below it lie the agent's attempts: every tag of theirs begins with it. */
  readonly directory: string
  /** Each shim, and each main process with its shim: what they wrote about themselves during this boot. */
  readonly known: readonly Recorded[]
  /** What is in the control groups of its attempts: nothing gets out of those but by the hand of root. */
  readonly members: () => ReadonlySet<number>
}

/** A process that an attempt has on record. */
export interface Recorded {
  readonly identity: ProcessIdentity
  /** The shim it must be in the session of, or a child of. */
  readonly shim: number
}

/** Looks at every process of the host: two small reads each. */
export function scanProcesses(): Sighting[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = readStat(Number(name))
      return stat === undefined ? [] : [sighting(stat)]
    })
}

/**
 * Picks an agent's living processes: those in its groups, those with its tag, those on record, and what hangs on them by parent
 * or session. The last two find what the tag cannot where there are no groups: programs that write over their own environment,
 * as setproctitle does.
 */
export function kin(all: readonly Sighting[], clan: Clan, self: number): Sighting[] {
  // A BootAgent that was started from inside an agent carries a tag; it must not end itself.
  const living = all.filter((each) => isAlive(each) && each.pid !== self && each.pid !== 1)
  const members = clan.members()
  const isOurs = (each: Sighting) => members.has(each.pid) || isTagged(each, clan) || isOnRecord(each, clan)
  const ours = new Map(living.filter(isOurs).map((each) => [each.pid, each]))
  for (let before = -1; before !== ours.size; ) {
    before = ours.size
    const sessions = sessionsOf(ours, all)
    for (const each of living) {
      if (ours.has(each.parent) || sessions.has(each.session)) ours.set(each.pid, each)
    }
  }
  return [...ours.values()]
}

/**
 * The main process on record, if it is alive and proven to be the attempt's. Its start time alone would do against a pid given
 * again; tag, session or parent is asked for as well, against a record that was made to name a stranger.
 */
export function findRecorded(recorded: Recorded, clan: Clan): ProcessStat | undefined {
  const stat = findAlive(recorded.identity)
  if (stat === undefined) return undefined
  return belongsTo(recorded.shim, stat) || clan.members().has(stat.pid) || isTagged(sighting(stat), clan) ? stat : undefined
}

function sighting(stat: ProcessStat): Sighting {
  const environment = readProc(`/proc/${stat.pid}/environ`)
  const found = environment?.split('\0').find((entry) => entry.startsWith(`${TAG}=`))
  return found === undefined ? stat : { ...stat, tag: found.slice(TAG.length + 1) }
}

function isTagged(each: Sighting, clan: Clan): boolean {
  return each.tag?.startsWith(`${clan.directory}/`) === true
}

function isOnRecord(each: Sighting, clan: Clan): boolean {
  return clan.known.some(
    ({ identity, shim }) => identity.pid === each.pid && identity.started === each.started && belongsTo(shim, each),
  )
}

function belongsTo(shim: number, stat: ProcessStat): boolean {
  return stat.session === shim || stat.parent === shim
}

/** Sessions that are ours whole: led by one of ours, or by nobody any more. Never one that a living stranger leads. */
function sessionsOf(ours: ReadonlyMap<number, Sighting>, all: readonly Sighting[]): Set<number> {
  const strangers = new Set(all.filter((each) => isAlive(each) && !ours.has(each.pid)).map((each) => each.pid))
  const sessions = [...ours.values()].map((each) => each.session)
  return new Set(sessions.filter((session) => session > 0 && !strangers.has(session)))
}
