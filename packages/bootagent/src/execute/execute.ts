import { crashPoint } from '@bootagent/runtime'
import type { Step, StepKind, StepPayloads } from '../plan/step.ts'
import { EXECUTORS } from './executors.ts'
import type { Changes } from '../state/metafile-schema.ts'
import type { StepError } from '../errors.ts'
import { asStepError } from './as-step-error.ts'
import type { Work } from './tools.ts'
import { dropWorkDirectory } from './work-directory.ts'

/** What carrying out a list of steps came to. */
export type Outcome =
  | { readonly kind: 'done'; readonly seen: Seen }
  | { readonly kind: 'failed'; readonly step: Step; readonly error: StepError }
  /** BootAgent is being stopped, or the job was called off: nothing is concluded. */
  | { readonly kind: 'interrupted' }

/** What was seen on the way that belongs into the job's result. */
export interface Seen {
  /** Scripts of the package that came; none was run. */
  readonly scripts: readonly string[]
  /** What had been changed in what was deleted. */
  readonly changes: Changes | undefined
}

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
    if (unpacked !== undefined) await dropWorkDirectory(unpacked.directory)
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
  return { kind: 'done', seen: { scripts: work.findings.package?.scripts ?? [], changes: work.findings.changes } }
}

function executeOne<K extends StepKind>(step: { kind: K } & StepPayloads[K], work: Work): Promise<void> {
  return EXECUTORS[step.kind](step, work)
}
