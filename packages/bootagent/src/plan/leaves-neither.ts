import type { AgentRecord } from '../state/metafile-schema.ts'
import type { Step } from './step.ts'

/**
 * Whether a job that ended at this step would leave neither the old nor the new: its trial could not be brought to an end, or an
 * uninstall has perhaps begun to delete. Such a job does not end for what the host lacks; it rests and is tried again.
 */
export function leavesNeither(step: Step, agent: AgentRecord | undefined, key: string): boolean {
  if (agent?.trial?.job === key || step.kind === 'remove') return true
  // What is wanted stopped by now, nobody starts again. Tried again, an uninstall comes past these steps with its deletion begun.
  const isStopping = step.kind === 'stop' || (step.kind === 'want' && step.wanted === 'stopped')
  return isStopping && agent?.wanted === 'stopped'
}
