import { createHash } from 'node:crypto'
import type { Digest } from '@bootagent/protocol'
import { StepError } from '../errors.ts'

/** Hands bytes on while hashing them; after the last one it throws `checksum-mismatch` unless they are the expected ones. */
export async function* verifyDigest(bytes: AsyncIterable<Buffer>, expected: Digest): AsyncGenerator<Buffer, void> {
  const hash = createHash('sha256')
  for await (const piece of bytes) {
    hash.update(piece)
    yield piece
  }
  const found = hash.digest('hex')
  if (found === expected) return
  const shown = [expected, found].map((digest) => digest.slice(0, 12))
  throw new StepError('checksum-mismatch', `the checksum names the bytes ${shown[0]}…, but these are ${shown[1]}…`)
}
