import { drain } from './drain.ts'
import { openPackage } from './open-package.ts'
import { countBytes, type OnProgress } from './pace.ts'
import { readPackage } from './read-package.ts'
import type { RequestOf, WorkerResult } from './request.ts'
import { createNotes } from './take-notes.ts'
import { verifyDigest } from './verify-digest.ts'

/**
 * Hashes the package at rest, and only then reads it, so that no parser of ours ever sees bytes nobody vouched for; judges every entry
 * and notes what running it will need. Writes nothing: what is asked where the disk may have no room for what comes out. Throws StepError.
 */
export async function inspect(request: RequestOf<'inspect'>, onProgress: OnProgress): Promise<WorkerResult<'inspect'>> {
  const file = openPackage()
  await drain(countBytes(verifyDigest(file.bytes(), request.digest), onProgress, file.size))
  const notes = createNotes()
  const sum = await readPackage({ ...request, bytes: file.bytes(), packed: file.size, readAt: file.readAt }, async (entry) => {
    await notes.take(entry)
  })
  return notes.resultOf(sum)
}
