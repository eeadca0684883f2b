import { type Clock, createService, type Log, RuntimeError, type Service } from '@bootagent/runtime'
import { agentPaths, type Paths } from '../state/paths.ts'
import { liveSize, readSizes } from './log-files.ts'
import { type Dropped, type DropReason, rotate } from './rotate.ts'
import { type LogSettings, nextLook, planRotation, REST_MS, segmentOf } from './rotation.ts'

/** What a caretaker is built from. */
export interface CaretakerParts {
  readonly paths: Paths
  /** The agents of the host, as they are now. */
  readonly names: () => readonly string[]
  readonly clock: Clock
  readonly log: Log
  readonly settings: LogSettings
  /** Told of output that was not kept; of one agent for one reason at once, and then at most once a minute, with the sum. */
  readonly dropped: (name: string, bytes: number, why: DropReason) => void
}

/** Keeps the logs of all agents within their bounds. */
export interface LogCaretaker extends Service {
  /** Bytes of an agent's output that were not kept, since this BootAgent was started. */
  droppedBytes(name: string): number
}

/**
 * Looks at each agent's log on its own: more often the faster it grows, and every 10 s at rest. What one of them costs, or does not let
 * us do, the others do not wait for.
 */
export function createLogCaretaker(parts: CaretakerParts): LogCaretaker {
  const tally = createTally(parts)
  const service = createService(async (signal, ready) => {
    const broken = Promise.withResolvers<never>()
    const kept = new Map<string, Promise<void>>()
    ready()
    do {
      for (const name of parts.names()) {
        if (kept.has(name)) continue
        const keeping = keepLog(parts, { name, tally, signal }).finally(() => kept.delete(name))
        kept.set(name, keeping)
        keeping.catch(broken.reject)
      }
    } while (await Promise.race([parts.clock.sleep(REST_MS, signal), broken.promise]))
    await Promise.all(kept.values())
  })
  return { ...service, droppedBytes: tally.of }
}

/** One agent's log, for as long as the host has that agent. */
interface Keeping {
  readonly name: string
  readonly tally: Tally
  readonly signal: AbortSignal
}

async function keepLog(parts: CaretakerParts, { name, tally, signal }: Keeping): Promise<void> {
  const directory = agentPaths(parts.paths, name).log
  let before: Seen | undefined
  let trouble: string | undefined
  while (!signal.aborted && parts.names().includes(name)) {
    try {
      const { found, left, dropped } = await careFor(directory, parts.settings, before === undefined)
      for (const each of dropped) tally.count(name, each)
      const wait = waitAfter(parts.settings, {
        found,
        left,
        elapsedMs: before?.wait,
        grownFrom: before?.left,
      })
      before = { wait, left }
      trouble = undefined
      tally.tellDue(name)
      await parts.clock.sleep(wait, signal)
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error
      // Once for each kind of trouble: it may last for days.
      if (error.message !== trouble)
        parts.log.warn({ agent: name, why: error.message }, 'the log of an agent cannot be kept in bounds')
      trouble = error.message
      await parts.clock.sleep(REST_MS, signal)
    }
  }
  tally.tellAll(name)
}

/** A log as it was left. */
interface Seen {
  /**
   * Milliseconds that were to pass until the next look. More may pass: then it is taken to grow faster than it does, and looked at sooner.
   * No clock is read for it: a hundred agents at rest must cost nothing.
   */
  readonly wait: number
  /** Bytes in `output.log`. */
  readonly left: number
}

/** At rest this is one look at one file. */
async function careFor(
  directory: string,
  settings: LogSettings,
  first: boolean,
): Promise<{ found: number; left: number; dropped: readonly Dropped[] }> {
  const found = liveSize(directory) ?? 0
  if (!first && found < segmentOf(settings).full) return { found, left: found, dropped: [] }
  const rotation = planRotation(await readSizes(directory), settings)
  const dropped = await rotate(directory, rotation)
  return { found, left: rotation.kind === 'rotate' || rotation.kind === 'cut' ? 0 : found, dropped }
}

function waitAfter(
  settings: LogSettings,
  seen: { found: number; left: number; elapsedMs: number | undefined; grownFrom: number | undefined },
): number {
  const { found, left, elapsedMs = 0, grownFrom = 0 } = seen
  // Somebody else may have emptied it: then it has grown by what is in it.
  const grown = found >= grownFrom ? found - grownFrom : found
  return nextLook({ room: segmentOf(settings).full - left, grown, elapsedMs })
}

/** Counts what is not kept, and tells of it without telling of each piece. */
interface Tally {
  count(name: string, dropped: Dropped): void
  /** Tells of what is counted and was not told, if the last time is long enough ago. */
  tellDue(name: string): void
  tellAll(name: string): void
  of(name: string): number
}

function createTally({ clock, dropped }: Pick<CaretakerParts, 'clock' | 'dropped'>): Tally {
  const totals = new Map<string, number>()
  const untold = new Map<string, Map<DropReason, number>>()
  const toldAt = new Map<string, number>()

  function tell(name: string, due: (key: string) => boolean): void {
    for (const [why, bytes] of untold.get(name) ?? []) {
      if (!due(`${name} ${why}`)) continue
      toldAt.set(`${name} ${why}`, clock.uptime())
      untold.get(name)?.delete(why)
      dropped(name, bytes, why)
    }
  }

  return {
    count(name, { bytes, why }) {
      if (bytes === 0) return
      const reasons = untold.get(name) ?? new Map<DropReason, number>()
      untold.set(name, reasons.set(why, (reasons.get(why) ?? 0) + bytes))
      totals.set(name, (totals.get(name) ?? 0) + bytes)
    },
    tellDue: (name) => tell(name, (key) => clock.uptime() - (toldAt.get(key) ?? Number.NEGATIVE_INFINITY) >= TELL_EVERY_S),
    tellAll: (name) => tell(name, () => true),
    of: (name) => totals.get(name) ?? 0,
  }
}

const TELL_EVERY_S = 60
