import type { StepPayloads } from '../../plan/step.ts'
import { StepError } from '../../errors.ts'
import type { Work } from '../tools.ts'

/** From look to look, in milliseconds: nobody is told when a lock is given up. */
const LOOK = 1000

/** Waits until the agent is not busy (ADR 0028). Counted anew after a crash: what is waited for is the agent, and not a time. */
export async function awaitFree(payload: StepPayloads['await-free'], { supervisor, clock, cutShort }: Work): Promise<void> {
  const since = clock.uptime()
  for (let why = supervisor.busyOf(payload.name); why !== undefined; why = supervisor.busyOf(payload.name)) {
    if ('until' in payload && clock.now() / 1000 >= payload.until) return
    if ('most' in payload && clock.uptime() - since >= payload.most) {
      throw new StepError('agent-busy', `${payload.name} was busy for ${payload.most} s: ${why}; nothing was changed`)
    }
    await clock.sleep(LOOK, cutShort)
    cutShort.throwIfAborted()
  }
}
