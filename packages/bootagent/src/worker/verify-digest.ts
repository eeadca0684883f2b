import { createHash, type Hash } from 'node:crypto'
import { algorithmOf, type Digest } from '@bootagent/protocol'
import { StepError } from '../errors.ts'

/** Hands bytes on while hashing them; after the last one it throws `checksum-mismatch` unless they are the expected ones. */
export async function* verifyDigest(bytes: AsyncIterable<Buffer>, expected: Digest): AsyncGenerator<Buffer, void> {
  const hash = startHash(expected)
  for await (const piece of bytes) {
    hash.update(piece)
    yield piece
  }
  checkDigest(hash, expected)
}

/** A hash of the kind that a digest was made by: its length tells. */
export function startHash(expected: Digest): Hash {
  return createHash(algorithmOf(expected))
}

/** Ends a hash; throws `checksum-mismatch` unless it is of the expected bytes. */
export function checkDigest(hash: Hash, expected: Digest): void {
  const found = hash.digest('hex')
  if (found === expected) return
  const shown = [expected, found].map((digest) => digest.slice(0, 12))
  throw new StepError('checksum-mismatch', `the checksum names the bytes ${shown[0]}…, but these are ${shown[1]}…`)
}
