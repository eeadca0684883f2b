import { RuntimeError } from '@bootagent/runtime'
import { createErrands, type Errands } from './errands.ts'
import { shutOutEvent } from './event/compose-event.ts'
import type { Walk } from './walk.ts'
import { unacknowledged } from './job/outbox.ts'
import type { Told } from './remote/conversation.ts'
import { nextReport, PATIENT_DENIALS, urgentReport } from './remote/pace.ts'
import { addEvent } from './state/events.ts'
import type { Metafile } from './state/metafile-schema.ts'

/** The talking loop: a report a step, sooner when there is something to tell, later when nobody answers. */
export async function talk(walk: Walk, signal: AbortSignal, ready: () => void): Promise<void> {
  ready()
  await reportOnAndOn(walk, signal)
  // Whoever has the home after us must not be written over.
  await walk.settling.atRest()
}

async function reportOnAndOn(walk: Walk, signal: AbortSignal): Promise<void> {
  const errands = createErrands()
  while (!signal.aborted) {
    const told = await tell(walk, signal)
    if (signal.aborted) return
    // To a silent server nothing is urgent, and while the disk stands still there is nothing new to tell.
    const mayHurry = told.kind === 'answered' && told.settled
    if (mayHurry) await runErrands(errands, walk, signal)
    if (signal.aborted) return
    const wait = await waitAfter(walk, told)
    // What a full report left behind goes with the next one.
    if (mayHurry && hasMoreToTell(walk.tools.metafile.read())) walk.toTell.ring()
    await rest(walk, { wait, mayHurry }, signal)
  }
}

/** Seconds until the next report; says so where nobody answered, or the disk has not taken the answer. */
async function waitAfter(walk: Walk, told: Told): Promise<number> {
  const now = Math.floor(walk.clock.now() / 1000)
  const { denials = 0 } = walk.hearing.note(told, now).silent ?? {}
  const pace = { ...walk.pace, step: walk.tools.metafile.read().step }
  if (told.kind === 'answered') {
    if (!told.settled) walk.announce({ kind: 'not-kept', server: told.answered.server })
    return nextReport(pace, { answered: true, retryAfter: undefined }, walk.random())
  }
  const wait = nextReport(pace, { answered: false, retryAfter: told.retryAfter, denials }, walk.random())
  walk.announce({ kind: 'not-reported', why: told.why, again: Math.round(wait) })
  if (denials === PATIENT_DENIALS + 1) await sayShutOut(walk, told.why, now)
  return wait
}

/** A full disk must not silence a host: the report went out, only what it brought back could not be kept. */
async function tell(walk: Walk, signal: AbortSignal): Promise<Told> {
  try {
    return await walk.conversation.tell(signal)
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error
    return { kind: 'silent', why: [error.message], retryAfter: undefined, denied: false }
  }
}

/** An operator at the host sees it now; the server is told by an event, once it lets the host in. */
async function sayShutOut({ announce, tools }: Walk, why: readonly string[], now: number): Promise<void> {
  announce({ kind: 'shut-out', why })
  try {
    await tools.metafile.update(addEvent(shutOutEvent({ why, rounds: PATIENT_DENIALS, now })))
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error
  }
}

/** What it brought back cannot be kept on a full disk either: the results stay owed. */
async function runErrands(errands: Errands, walk: Walk, signal: AbortSignal): Promise<void> {
  try {
    await errands.run(walk, signal)
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error
  }
}

async function rest(walk: Walk, due: { wait: number; mayHurry: boolean }, signal: AbortSignal): Promise<void> {
  const since = walk.clock.uptime()
  const hurry = new AbortController()
  const wake = () => hurry.abort()
  signal.addEventListener('abort', wake)
  const elapsed = walk.clock.sleep(due.wait * 1000, hurry.signal)
  await (due.mayHurry ? Promise.race([elapsed, walk.toTell.wait(hurry.signal)]) : elapsed)
  signal.removeEventListener('abort', wake)
  hurry.abort()
  const gap = urgentReport({ ...walk.pace, step: due.wait }, walk.clock.uptime() - since)
  if (gap > 0) await walk.clock.sleep(gap * 1000, signal)
}

function hasMoreToTell(metafile: Metafile): boolean {
  return unacknowledged(metafile).length > 0 || metafile.events.length > 0
}
