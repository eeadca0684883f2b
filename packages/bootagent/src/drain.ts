import { createService, type Log, type Service, whenAborted } from '@bootagent/runtime'
import type { Supervisor } from './supervise/supervisor.ts'

/**
 * Ends every agent when its own end comes, if that was asked for (ADR 0054). To be stopped after all that could start an agent, and
 * before the supervisor. What the metafile wants of them stays, so the next BootAgent starts them again.
 */
export function drainAtEnd(supervisor: Supervisor, draining: () => boolean, log: Log): Service {
  return createService(async (signal, ready) => {
    ready()
    await whenAborted(signal)
    if (!draining()) return
    const names = [...supervisor.observe()].flatMap(([name, { pid }]) => (pid === undefined ? [] : [name]))
    log.info({ agents: names }, 'every agent is stopped')
    await Promise.all(
      names.map(async (name) => {
        const outcome = await supervisor.stop(name)
        if (outcome.kind === 'stuck') log.error({ agent: name, pids: outcome.pids, why: outcome.why }, 'an agent did not end')
      }),
    )
  })
}
