import type { Metafile } from '../../state/metafile-schema.ts'
import { type Found, ok, warn } from './finding.ts'

/** What the clock is judged by. */
export interface Clocks {
  /** Wall time in milliseconds. */
  readonly now: number
  /** When this program was built, as ISO 8601; empty when it was not. */
  readonly built: string
  /** The latest time on record, in seconds; undefined on a new host. */
  readonly recorded: number | undefined
}

/** No BootAgent is older: the year a checkout is judged by. */
const EARLIEST = Date.UTC(2026, 0, 1)
/** Years after which nobody runs the same build. */
const LONGEST_USE = 20
/** A clock that is being set right moves by less than that, in seconds. */
const LEEWAY = 300

/**
 * Judges the wall clock. A wrong one stops nothing: restarts and trials go by the time since boot. But https fails by it, and every
 * time that is told is wrong.
 */
export function judgeClock({ now, built, recorded }: Clocks): Found {
  const said = shown(now)
  const earliest = Number.isNaN(Date.parse(built)) ? EARLIEST : Date.parse(built)
  // A date without an hour is the begin of its day somewhere.
  if (now < earliest - 86_400_000) return warn(`${said} is before ${shown(earliest)}, when this program was built`, ADVICE)
  // Also of what is no date at all, which is not less than anything.
  const latest = new Date(earliest).getUTCFullYear() + LONGEST_USE
  if (!(new Date(now).getUTCFullYear() <= latest)) return warn(`${said} is not plausible`, ADVICE)
  if (recorded !== undefined && now / 1000 < recorded - LEEWAY)
    return warn(`${said} is before ${shown(recorded * 1000)}, the latest time in the metafile`, ADVICE)
  return ok(said)
}

const ADVICE = 'set the clock, best by NTP: https will fail, and times will be told wrong'

/** The latest time a metafile speaks of, in seconds; undefined when it speaks of none. */
export function latestTimeIn({ agents, jobs, events, failed }: Metafile): number | undefined {
  const times = [
    ...Object.values(agents).flatMap(({ exits }) => exits.map(({ time }) => time)),
    ...Object.values(jobs).flatMap(({ accepted, acknowledged = 0 }) => [accepted, acknowledged]),
    ...events.map(({ timestamp }) => timestamp),
    ...Object.values(failed).flatMap((releases) => releases.map(({ time }) => time)),
  ]
  return times.length === 0 ? undefined : times.reduce((latest, time) => Math.max(latest, time))
}

function shown(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? `${ms} ms` : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
