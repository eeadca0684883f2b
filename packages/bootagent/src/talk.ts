import { RuntimeError } from '@bootagent/runtime'
import type { Walk } from './walk.ts'
import { unacknowledged } from './job/outbox.ts'
import type { Told } from './remote/conversation.ts'
import { nextReport, urgentReport } from './remote/pace.ts'
import type { Metafile } from './state/metafile-schema.ts'

/** The talking loop: a report a step, sooner when there is something to tell, later when nobody answers. */
export async function talk(walk: Walk, signal: AbortSignal, ready: () => void): Promise<void> {
  ready()
  while (!signal.aborted) {
    const told = await tell(walk, signal)
    if (signal.aborted) return
    const silent = told.kind === 'silent'
    const pace = { ...walk.pace, step: walk.tools.metafile.read().step }
    const wait = nextReport(pace, { answered: !silent, retryAfter: silent ? told.retryAfter : undefined }, walk.random())
    if (silent) walk.announce({ kind: 'not-reported', why: told.why, again: Math.round(wait) })
    // What a full report left behind goes with the next one; to a silent server nothing is urgent.
    else if (hasMoreToTell(walk.tools.metafile.read())) walk.toTell.ring()
    await rest(walk, { wait, mayHurry: !silent }, signal)
  }
}

/** A full disk must not silence a host: the report went out, only what it brought back could not be kept. */
async function tell(walk: Walk, signal: AbortSignal): Promise<Told> {
  try {
    return await walk.conversation.tell(signal)
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error
    return { kind: 'silent', why: [error.message], retryAfter: undefined }
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
