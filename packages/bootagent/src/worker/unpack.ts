import { readdir } from 'node:fs/promises'
import { openPackage } from './open-package.ts'
import { countBytes, type OnProgress } from './pace.ts'
import { readPackage } from './read-package.ts'
import type { RequestOf, WorkerResult } from './request.ts'
import { verifyDigest } from './verify-digest.ts'
import { StepError } from '../errors.ts'
import { createReleaseWriter } from './write-release.ts'

/**
 * The second pass: judges and hashes once more while it writes, so that what is on the disk is what was judged even if
 * the file changed in between. What it has written is worth nothing unless it resolves. Throws StepError, or as the disk does.
 */
export async function unpack(request: RequestOf<'unpack'>, onProgress: OnProgress): Promise<WorkerResult<'unpack'>> {
  // A link left by another archive would be followed by this one (CVE-2025-45582).
  if ((await readdir('.')).length > 0) throw new StepError('internal', 'the directory to unpack into is not empty')
  const file = openPackage()
  const bytes = countBytes(verifyDigest(file.bytes(), request.digest), onProgress, file.size)
  const release = createReleaseWriter()
  const { entries, bytes: unpacked } = await readPackage(
    { ...request, bytes, packed: file.size, readAt: file.readAt },
    async ({ part, kept, body }) => {
      if (part === 'payload') await release.put(kept, body)
    },
  )
  await release.finish()
  return { entries, bytes: unpacked }
}
