import { systemCode } from '@bootagent/runtime'

/** Errors by which a host says that it has run out of something, or that a disk of its own is in trouble. */
const SHORTAGES: readonly (string | undefined)[] = [
  ...['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EAGAIN'],
  ...['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'],
]

/** Whether it is the host that lacks something now, and not the agent that is made wrong. */
export function isShortage(error: unknown): boolean {
  return SHORTAGES.includes(systemCode(error))
}
