import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { makeDirectory, syncDirectory } from '@bootagent/runtime'
import { ServerError } from '../errors.ts'
import type { Part } from './read-range.ts'

/** Bytes that have arrived whole and are on the disk, under a temporary name. */
export interface ReceivedBlob {
  readonly sha256: string
  readonly size: number
  readonly path: string
}

/**
 * The bytes of packages:
 *
 *     <data>/blobs/<sha256>     whole, checked, never changed
 *     <data>/tmp/<id>           uploads under way; swept at start
 *
 * A crash leaves at most a blob that no record names, which is never served and is overwritten by the same upload.
 */
export interface BlobStore {
  /** Streams an upload to the disk while hashing it. Throws ServerError `too-large`; then, and when the bytes end early, nothing is left. */
  receive(bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<ReceivedBlob>
  /** Gives it its final name; there for ever once this has resolved. */
  keep(blob: ReceivedBlob): Promise<void>
  /** Removes it, unless it was kept. */
  discard(blob: ReceivedBlob): Promise<void>
  /** Opens the bytes of a kept blob. The digest must come from a record, never from a request. */
  read(sha256: string, part?: Part): Promise<Readable>
}

/** Opens the blob store below the data directory and sweeps what interrupted uploads left. */
export async function openBlobStore(data: string, newId: () => string): Promise<BlobStore> {
  const blobs = join(data, 'blobs')
  const temporary = join(data, 'tmp')
  await makeDirectory(blobs)
  await makeDirectory(temporary)
  for (const leftover of await readdir(temporary)) await rm(join(temporary, leftover), { recursive: true })

  return {
    receive: (bytes, maxBytes) => receive(join(temporary, newId()), bytes, maxBytes),
    async keep(blob) {
      await rename(blob.path, join(blobs, blob.sha256))
      // The name is on the disk before a record points to it.
      await syncDirectory(blobs)
    },
    discard: (blob) => rm(blob.path, { force: true }),
    async read(sha256, part) {
      const file = await open(join(blobs, sha256), 'r')
      return file.createReadStream(part === undefined ? {} : { start: part.first, end: part.last })
    },
  }
}

async function receive(path: string, bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<ReceivedBlob> {
  const file = await open(path, 'wx', 0o600)
  try {
    const hash = createHash('sha256')
    const size = await copy(bytes, { file, hash, maxBytes })
    await file.sync()
    return { sha256: hash.digest('hex'), size, path }
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

async function copy(bytes: AsyncIterable<Uint8Array>, to: { file: FileHandle; hash: Hash; maxBytes: number }): Promise<number> {
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.length
    if (size > to.maxBytes) throw new ServerError('too-large', `a package may have at most ${to.maxBytes} bytes`)
    to.hash.update(chunk)
    // writeFile on a handle goes on where the last one ended and writes all of it, which a single write does not promise.
    await to.file.writeFile(chunk)
  }
  return size
}
