import { readdir } from 'node:fs/promises'
import { drain } from './drain.ts'
import { openPackage } from './open-package.ts'
import { countBytes, type OnProgress } from './pace.ts'
import { readPackage } from './read-package.ts'
import type { RequestOf, WorkerResult } from './request.ts'
import { createNotes } from './take-notes.ts'
import { verifyDigest } from './verify-digest.ts'
import { StepError } from '../errors.ts'
import { createReleaseWriter } from './write-release.ts'

/**
 * Hashes the package at rest, as `inspect` does, then reads it once: judges, notes, and hashes once more while it writes what passed, so
 * that what is on the disk is what was judged even if the file changed in between. What it has written is worth nothing unless it
 * resolves, and not durable before it is sealed. Throws StepError, or as the disk does.
 */
export async function unpack(request: RequestOf<'unpack'>, onProgress: OnProgress): Promise<WorkerResult<'unpack'>> {
  // A link left by another archive would be followed by this one (CVE-2025-45582).
  if ((await readdir('.')).length > 0) throw new StepError('internal', 'the directory to unpack into is not empty')
  const file = openPackage()
  await drain(verifyDigest(file.bytes(), request.digest))
  const bytes = countBytes(verifyDigest(file.bytes(), request.digest), onProgress, file.size)
  const [notes, release] = [createNotes(), createReleaseWriter()]
  const sum = await readPackage({ ...request, bytes, packed: file.size, readAt: file.readAt }, async (entry) => {
    const body = await notes.take(entry)
    if (entry.part === 'payload') await release.put(entry.kept, body)
  })
  await release.finish()
  return notes.resultOf(sum)
}
