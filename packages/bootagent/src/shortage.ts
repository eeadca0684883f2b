import { systemCode } from '@bootagent/runtime'

/** Errors by which a host says that it has no descriptors left: this process, or all of them together. */
const OUT_OF_DESCRIPTORS: readonly (string | undefined)[] = ['EMFILE', 'ENFILE']

/** Errors by which a host says that it has run out of something, or that a disk of its own is in trouble. */
const SHORTAGES: readonly (string | undefined)[] = [
  ...[...OUT_OF_DESCRIPTORS, 'ENOBUFS', 'ENOMEM', 'EAGAIN'],
  ...['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'],
]

/** Whether it is the host that lacks something now, and not the agent that is made wrong. */
export function isShortage(error: unknown): boolean {
  return SHORTAGES.includes(systemCode(error))
}

/** Whether a look could not be made for want of a descriptor: what it would have found is not known. */
export function lacksDescriptors(error: unknown): boolean {
  return error instanceof Error && OUT_OF_DESCRIPTORS.includes((error as NodeJS.ErrnoException).code)
}
