/** Why a file could not be written or read. */
export type RuntimeErrorCode =
  /** The file and its temporary copy are on two mounts (EXDEV), so a rename cannot be atomic. */
  | 'other-mount'
  /** No room, no inodes or no quota left. */
  | 'disk-full'
  /** Another process has the lock file. */
  | 'locked'
  /** Anything else the disk refused. */
  | 'disk-error'

/** The one error of this package; the system's own error is its cause. */
export class RuntimeError extends Error {
  readonly code: RuntimeErrorCode
  constructor(code: RuntimeErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'RuntimeError'
    this.code = code
  }
}

const FULL: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT'])

/** Linux's EDQUOT: libuv has no name for it, and throws it as `Unknown system error -122`. */
const OVER_QUOTA = -122

/** The system's name of an error, also where Node has none; undefined for what the system did not throw. */
export function systemCode(error: unknown): string | undefined {
  const { code, errno } = (error ?? {}) as NodeJS.ErrnoException
  return errno === OVER_QUOTA ? 'EDQUOT' : code
}

/** Turns what the system threw into a {@link RuntimeError} that names the file. */
export function diskError(doing: string, error: unknown): RuntimeError {
  if (error instanceof RuntimeError) return error
  const system = systemCode(error)
  if (system === 'EXDEV') {
    return new RuntimeError(
      'other-mount',
      `${doing}: the two directories are on different mounts, and a rename cannot cross them`,
      error,
    )
  }
  if (FULL.has(system)) return new RuntimeError('disk-full', `${doing}: no room left on the disk (${system})`, error)
  return new RuntimeError('disk-error', `${doing}: ${(error as Error).message}`, error)
}
