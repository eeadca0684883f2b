import { diskError, RuntimeError, systemCode } from '@bootagent/runtime'
import { StepError } from '../errors.ts'

/** Anything a step may throw, as the reason and the sentence a job ends with. */
export function asStepError(error: unknown): StepError {
  if (error instanceof StepError) return error
  if (error instanceof RuntimeError) {
    return new StepError(error.code === 'disk-full' ? 'disk-full' : 'disk-error', error.message, error)
  }
  if (OF_THE_DISK.includes(systemCode(error))) return asStepError(diskError('working on the disk', error))
  return new StepError('internal', error instanceof Error ? error.message : String(error), error)
}

/**
 * Where nobody has said which file: a disk may fail at any call, also at closing what was only read; and a host that has no descriptors
 * left opens none.
 */
const OF_THE_DISK: readonly (string | undefined)[] = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE']
