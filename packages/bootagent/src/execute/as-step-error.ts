import { RuntimeError } from '@bootagent/runtime'
import { StepError } from '../errors.ts'

/** Anything a step may throw, as the reason and the sentence a job ends with. */
export function asStepError(error: unknown): StepError {
  if (error instanceof StepError) return error
  if (error instanceof RuntimeError) {
    return new StepError(error.code === 'disk-full' ? 'disk-full' : 'disk-error', error.message, error)
  }
  return new StepError('internal', error instanceof Error ? error.message : String(error), error)
}
