import { closeSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Format } from '@bootagent/protocol'
import { StepError } from '../../../src/errors.ts'
import { sealTree } from '../../../src/execute/seal-tree.ts'
import { inWorkDirectory } from '../../../src/execute/work-directory.ts'
import { pathsOf } from '../../../src/state/paths.ts'
import { readPackage } from '../../../src/worker/read-package.ts'
import { runInWorker } from '../../../src/worker/spawn-worker.ts'
import { DEFAULT_UNPACK_LIMITS, type UnpackLimits } from '../../../src/worker/unpack-limits.ts'
import { atRest } from './at-rest.ts'
import { processesIn, PROGRAM, sha256 } from '../workplace.ts'
import { bytesIn, OUTSIDE, STAGING, treeOf } from './outside.ts'

/** A package of some form, and what it may cost. */
export interface Played {
  readonly format: Format
  readonly bytes: Buffer
  readonly limits?: Partial<UnpackLimits> | undefined
}

/** What came of it: what was made, or why it was not. */
export type Outcome = { readonly tree: readonly string[] } | { readonly reason: string; readonly message: string }

/** Reads a package in this process and judges it as the first pass does; writes nothing. */
export async function judgeHere({ format, bytes, limits }: Played): Promise<Outcome> {
  const source = { format, limits: { ...DEFAULT_UNPACK_LIMITS, ...limits }, ...atRest(bytes) }
  try {
    await readPackage(source, () => Promise.resolve())
    return { tree: [] }
  } catch (error) {
    return refusalOf(error)
  }
}

/** What is left of a worker when it has settled. */
export interface Traces {
  readonly outcome: Outcome
  /** Bytes in the directory it worked in. */
  readonly bytes: number
  /** Symbolic links there. */
  readonly links: readonly string[]
  readonly processes: readonly number[]
  /** Names where the daemon makes such directories, once it has gone on. */
  readonly staging: readonly string[]
}

/**
 * Has a real worker unpack a package as the daemon does: in a fresh directory of the worker's own, which is sealed when all
 * went well and deleted in any case.
 */
export async function unpackByWorker({ format, bytes, limits }: Played): Promise<Traces> {
  const packageFd = openUnlinked(bytes)
  const request = { kind: 'unpack', format, digest: sha256(bytes), limits: { ...DEFAULT_UNPACK_LIMITS, ...limits } } as const
  const settings = { packageFd, signal: new AbortController().signal, program: PROGRAM, timeLimit: TIME_LIMIT }
  try {
    const traces = await inWorkDirectory(pathsOf(OUTSIDE, OUTSIDE), 'unpack', async (cwd) => {
      const outcome = await runInWorker<'unpack'>(request, { ...settings, cwd }).then(() => sealed(cwd), refusalOf)
      const links = treeOf(cwd).filter((line) => line.includes(' -> '))
      return { outcome, bytes: bytesIn(cwd), links, processes: processesIn(cwd) }
    })
    return { ...traces, staging: readdirSync(STAGING) }
  } finally {
    closeSync(packageFd)
  }
}

/** Only a worker that hangs meets it: it then dies with a reason that no archive is expected to have. */
const TIME_LIMIT = 45_000

async function sealed(directory: string): Promise<Outcome> {
  try {
    await sealTree(directory)
    return { tree: treeOf(directory) }
  } catch (error) {
    return refusalOf(error)
  }
}

function refusalOf(error: unknown): Outcome {
  if (!(error instanceof StepError)) throw error
  return { reason: error.reason, message: error.message }
}

/** A file that only this descriptor leads to. */
function openUnlinked(bytes: Buffer): number {
  const path = join(tmpdir(), `bootagent-package-${process.pid}`)
  writeFileSync(path, bytes, { mode: 0o600, flag: 'wx' })
  const fd = openSync(path, 'r')
  rmSync(path)
  return fd
}
