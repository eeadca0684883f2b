import process from 'node:process'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { readStat } from '../../packages/bootagent/src/supervise/process-identity.ts'

/** Does something to a process that comes to stand still, at the place that `BOOTAGENT_STOP_AT` names, and lets it go on. */
export async function whileItStands<Result>(pid: number, deed: () => Result): Promise<Result> {
  while (readStat(pid)?.state !== 'T') await nextTurn()
  const result = deed()
  process.kill(pid, 'SIGCONT')
  return result
}
