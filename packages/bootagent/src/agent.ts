import { createService, runAll, type Service } from '@bootagent/runtime'
import { talk } from './talk.ts'
import type { Walk } from './walk.ts'
import { work } from './work.ts'

/**
 * The walk: what a host does, in order.
 *
 *     1 register   once, crash-safe            remote/register.ts
 *     2 observe    the disk and the agents     state/observe.ts, supervise/supervisor.ts
 *     3 poll       status ▸ reply              remote/poll.ts
 *     4 accept     reply ▸ jobs                job/accept.ts
 *     5 plan       job + what is seen ▸ steps  plan/plan.ts
 *     6 execute    steps ▸ outcome             execute/execute.ts
 *     7 trial      keep, or go back            trial/trial.ts
 *     8 report     result ▸ outbox ▸ server    job/finish.ts, remote/report.ts
 *
 * Two loops walk it: `talk` (1 to 4, and 8) and `work` (5 to 7), so that no download ever delays a report. The supervisor
 * is started before them and stopped after them, and needs neither: agents are kept running with no server and no job. What an
 * operator orders at the host comes by `control` (orders.ts) and goes the same way from 4 on. `last` is what ends when neither loop
 * goes any more, and the supervisor still does.
 */
export function createAgent(walk: Walk, beside: readonly Service[], last: Service): Service {
  return runAll([
    walk.tools.supervisor.service,
    last,
    createService((signal, ready) => work(walk, signal, ready)),
    createService((signal, ready) => talk(walk, signal, ready)),
    ...beside,
  ])
}
