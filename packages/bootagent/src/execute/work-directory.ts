import { chown, mkdtemp, rm } from 'node:fs/promises'
import { diskError } from '@bootagent/runtime'
import type { Paths } from '../state/paths.ts'
import { workerIdentity } from '../worker/worker-identity.ts'

/**
 * Runs some work in a fresh directory that the worker may write to, and deletes what is left of it. Two jobs never share one. What
 * cannot be deleted is no reason of its own for a job to fail, nor may it hide the job's: it is swept between jobs.
 */
export async function inWorkDirectory<Result>(
  paths: Paths,
  what: string,
  work: (directory: string) => Promise<Result>,
): Promise<Result> {
  const directory = await makeWorkDirectory(paths, what)
  try {
    return await work(directory)
  } finally {
    await dropWorkDirectory(directory)
  }
}

/** The same for work of more than one step; whoever makes it deletes it. What a crash leaves is swept at the next start. */
export async function makeWorkDirectory(paths: Paths, what: string): Promise<string> {
  const prefix = `${paths.tmp}/${what}-`
  try {
    const directory = await mkdtemp(prefix)
    const worker = workerIdentity()
    if (worker !== undefined) await chown(directory, worker.uid, worker.gid)
    return directory
  } catch (error) {
    throw diskError(`making a directory for work at ${prefix}`, error)
  }
}

/** Deletes what is left of it; what cannot be deleted now is swept between jobs. */
export async function dropWorkDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true }).catch(() => undefined)
}
