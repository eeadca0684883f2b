import { type Sight, STATES } from './agent-state.ts'
import type { Look } from './look.ts'
import type { Notice } from './notice-board.ts'
import { startedAt } from './process-identity.ts'
import type { ReasonedWish } from './wish.ts'

/** What is shown of an agent: what is seen of it, and why it is so. */
export function noticeOf({ sight, attempt, main }: Look, { wish, reason, until }: ReasonedWish): Notice {
  const state = STATES[wish][sight]
  return {
    state,
    reason: wish === 'down' ? reason : (REASONS[sight] ?? reason),
    ...(main === undefined || attempt === undefined
      ? {}
      : { pid: main.pid, attempt: attempt.id, release: attempt.release, since: startedAt(main) }),
    ...(state === 'waiting' && until !== undefined ? { nextStart: until } : {}),
  }
}

/** Where nothing is there, the reason is the wish's own. */
const REASONS: Readonly<Record<Sight, string | undefined>> = {
  none: undefined,
  born: 'its process is being started',
  alive: 'its process runs',
  ending: 'a stop that was begun is completed',
  remains: 'its main process is gone; the others are being ended',
  ended: 'its process has ended',
}
