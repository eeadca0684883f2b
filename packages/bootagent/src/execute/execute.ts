import { crashPoint } from '@bootagent/runtime'
import type { Step, StepKind, StepPayloads } from '../plan/step.ts'
import { EXECUTORS } from './executors.ts'
import type { StepError } from '../errors.ts'
import { asStepError } from './as-step-error.ts'
import type { Work } from './tools.ts'
import { dropWorkDirectory } from './work-directory.ts'

/** What carrying out a list of steps came to. */
export type Outcome =
  /** With the scripts of the package that came, none of which was run. */
  | { readonly kind: 'done'; readonly scripts: readonly string[] }
  | { readonly kind: 'failed'; readonly step: Step; readonly error: StepError }
  /** BootAgent is being stopped, or the job was called off: nothing is concluded. */
  | { readonly kind: 'interrupted' }

/** Does the steps in order and stops at the first that fails. `onStep` is told before each. */
export async function execute(
  steps: readonly Step[],
  work: Work,
  onStep: (step: Step, state: 'begun' | 'done') => void,
): Promise<Outcome> {
  try {
    return await executeAll(steps, work, onStep)
  } finally {
    const { unpacked } = work.findings
    if (unpacked !== undefined) await dropWorkDirectory(unpacked)
  }
}

async function executeAll(
  steps: readonly Step[],
  work: Work,
  onStep: (step: Step, state: 'begun' | 'done') => void,
): Promise<Outcome> {
  for (const step of steps) {
    if (work.cutShort.aborted) return { kind: 'interrupted' }
    onStep(step, 'begun')
    crashPoint(`${step.kind}:before`)
    try {
      await executeOne(step, work)
    } catch (error) {
      if (work.cutShort.aborted) return { kind: 'interrupted' }
      return { kind: 'failed', step, error: asStepError(error) }
    }
    crashPoint(`${step.kind}:after`)
    onStep(step, 'done')
  }
  return { kind: 'done', scripts: work.findings.package?.scripts ?? [] }
}

function executeOne<K extends StepKind>(step: { kind: K } & StepPayloads[K], work: Work): Promise<void> {
  return EXECUTORS[step.kind](step, work)
}
