import { createHash } from 'node:crypto'
import { chownSync, closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Format } from '@bootagent/protocol'
import { onTestFinished } from 'vitest'
import type { RequestOf, WorkerResult } from '../../src/worker/request.ts'
import { runInWorker, type WorkerSettings } from '../../src/worker/spawn-worker.ts'
import { DEFAULT_UNPACK_LIMITS, type UnpackLimits } from '../../src/worker/unpack-limits.ts'
import { workerIdentity } from '../../src/worker/worker-identity.ts'

/** The real worker, run from its source. */
export const PROGRAM = { command: process.execPath, args: [join(import.meta.dirname, 'worker-main.ts')] }

/** Directories as the daemon would make them; gone when the test is over. */
export interface Workplace {
  /** Only its owner may enter it, as with BootAgent's home: the worker must do without. */
  readonly home: string
  /** The worker's own, inside it. */
  readonly cwd: string
  settings(more?: Partial<WorkerSettings>): WorkerSettings
}

export function makeWorkplace(): Workplace {
  const home = mkdtempSync(join(tmpdir(), 'bootagent-worker-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const cwd = join(home, 'work')
  mkdirSync(cwd, { mode: 0o700 })
  const identity = workerIdentity()
  if (identity !== undefined) chownSync(cwd, identity.uid, identity.gid)
  const signal = new AbortController().signal
  return { home, cwd, settings: (more) => ({ cwd, signal, program: PROGRAM, ...more }) }
}

/** What a test may vary of how a package is read. */
export interface ReadingOptions {
  readonly format?: Format
  readonly limits?: Partial<UnpackLimits>
  /** That of the bytes by default. */
  readonly digest?: string
}

/** Has a real worker inspect or unpack these bytes. */
export function readPackageOf<K extends 'inspect' | 'unpack'>(
  kind: K,
  bytes: Buffer,
  options: ReadingOptions & { readonly place?: Workplace } = {},
): Promise<WorkerResult<K>> {
  const place = options.place ?? makeWorkplace()
  const path = join(place.home, 'package')
  writeFileSync(path, bytes, { mode: 0o600 })
  const packageFd = openSync(path, 'r')
  onTestFinished(() => closeSync(packageFd))
  const limits = { ...DEFAULT_UNPACK_LIMITS, ...options.limits }
  const request = { kind, format: options.format ?? 'tar.gz', digest: options.digest ?? sha256(bytes), limits }
  return runInWorker<K>(request as RequestOf<K>, place.settings({ packageFd }))
}

export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Processes at work in a directory; on Linux a process says where it is. */
export function processesIn(directory: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && whereIs(name) === directory)
    .map(Number)
}

function whereIs(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch (error) {
    // Gone meanwhile, or somebody else's.
    if (['ENOENT', 'EACCES', 'EPERM', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
