import type { StepPayloads } from '../../plan/step.ts'
import type { Work } from '../tools.ts'

/** Calls jobs off and waits until they have ended, however that is. */
export async function callOff({ targets, by }: StepPayloads['call-off'], work: Work): Promise<void> {
  await Promise.all(targets.map((target) => work.callOff({ target, by }, work.signal)))
}
