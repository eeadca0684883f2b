import { type Sight, STATES } from './agent-state.ts'
import type { AgentRecord } from '../state/metafile-schema.ts'
import type { Look } from './look.ts'
import type { Notice } from './notice-board.ts'
import { startedAt } from './process-identity.ts'
import type { ReasonedWish } from './wish.ts'

/** What is shown of an agent: what is seen of it, why it is so, and what its last failure was, until it runs again. */
export function noticeOf(seen: { look: Look; wish: ReasonedWish; record: AgentRecord | undefined }): Notice {
  const { sight, attempt, main } = seen.look
  const { wish, reason, until } = seen.wish
  const state = STATES[wish][sight]
  const exit = seen.record?.exits.at(-1)
  const failed = state === 'waiting' || state === 'fatal' ? exit?.cause : undefined
  return {
    state,
    reason: wish === 'down' ? reason : sight === 'remains' && attempt === undefined ? LOST : (REASONS[sight] ?? reason),
    ...(main === undefined || attempt === undefined
      ? {}
      : { pid: main.pid, attempt: attempt.id, release: attempt.release, since: startedAt(main) }),
    ...(failed === undefined ? {} : { cause: failed }),
    ...(state === 'waiting' && until !== undefined ? { nextStart: until } : {}),
  }
}

/** Somebody has emptied the run directory: nobody can tell any more which of its processes was the main one. */
const LOST = 'what the run directory said of it is gone; its processes are ended, and it is started again'

/** Where nothing is there, the reason is the wish's own. */
const REASONS: Readonly<Record<Sight, string | undefined>> = {
  none: undefined,
  born: 'its process is being started',
  unready: 'its process runs, and is not ready yet',
  alive: 'its process runs',
  ending: 'a stop that was begun is completed',
  remains: 'its main process is gone; the others are being ended',
  ended: 'its process has ended',
}
