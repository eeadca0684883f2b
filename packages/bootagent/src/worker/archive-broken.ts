import { StepError } from '../errors.ts'

/** The archive is damaged, or no two programs would read it alike. */
export function archiveBroken(message: string, cause?: unknown): StepError {
  return new StepError('archive-broken', message, cause)
}
