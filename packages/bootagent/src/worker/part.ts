import { fstatSync, fsyncSync, ftruncateSync, createReadStream, write } from 'node:fs'
import type { Hash } from 'node:crypto'
import { promisify } from 'node:util'
import type { Digest } from '@bootagent/protocol'
import { StepError } from '../errors.ts'
import { PACKAGE_FD } from './open-package.ts'
import { checkDigest, startHash } from './verify-digest.ts'

/** A package that is not whole yet, in the file that the daemon opened: what is in it outlives this process. */
export interface Part {
  /** Bytes that are in it, all of them hashed. */
  readonly length: number
  /** Whether those are the package already. */
  isWhole(): boolean
  /** Keeps the first bytes and forgets the others; only all that is there, or nothing, can be kept. */
  goOnFrom(bytes: number): Promise<void>
  append(piece: Buffer): Promise<void>
  /** Throws `checksum-mismatch` unless it is the package. */
  check(): void
  sync(): Promise<void>
}

/** Takes the file over and hashes what is there. What is longer than the package may be is worth nothing. */
export async function openPart(digest: Digest, longest: number): Promise<Part> {
  const found = fstatSync(PACKAGE_FD)
  if (!found.isFile()) throw new StepError('internal', `descriptor ${PACKAGE_FD} is no regular file`)
  let hash = startHash(digest)
  let length = 0
  if (found.size > longest) ftruncateSync(PACKAGE_FD, 0)
  else length = await hashFile(hash, found.size)

  return {
    get length() {
      return length
    },
    isWhole: () => length > 0 && hash.copy().digest('hex') === digest,
    async goOnFrom(bytes) {
      if (bytes === length) return
      if (bytes !== 0) throw new StepError('internal', `a package of ${length} bytes cannot go on from ${bytes}`)
      ftruncateSync(PACKAGE_FD, 0)
      hash = startHash(digest)
      length = 0
    },
    async append(piece) {
      hash.update(piece)
      await writeAll(piece, length)
      length += piece.length
    },
    check: () => checkDigest(hash.copy(), digest),
    sync: async () => fsyncSync(PACKAGE_FD),
  }
}

async function hashFile(hash: Hash, size: number): Promise<number> {
  if (size === 0) return 0
  const stream = createReadStream('', { fd: PACKAGE_FD, start: 0, end: size - 1, autoClose: false, highWaterMark: 262_144 })
  let length = 0
  for await (const piece of stream as AsyncIterable<Buffer>) {
    hash.update(piece)
    length += piece.length
  }
  return length
}

const writeOnce = promisify(write)

/** A write may take less than it is given, as on a disk that is nearly full: the rest is tried until that fails too. */
async function writeAll(piece: Buffer, at: number): Promise<void> {
  for (let done = 0; done < piece.length; ) {
    const { bytesWritten } = await writeOnce(PACKAGE_FD, piece, done, piece.length - done, at + done)
    done += bytesWritten
  }
}
