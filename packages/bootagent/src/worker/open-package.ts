import { createReadStream, fstatSync, read } from 'node:fs'
import { promisify } from 'node:util'
import { archiveBroken } from './archive-broken.ts'
import { StepError } from '../errors.ts'

/** Where the daemon hands the package over: opened by it, so that the worker needs no right to the path. */
export const PACKAGE_FD = 3

/** The package at rest. */
export interface OpenPackage {
  readonly size: number
  /** All its bytes from the first; it may be asked for again. */
  bytes(): AsyncIterable<Buffer>
  /** Some of them; throws `archive-broken` when the file ends before. */
  readAt(position: number, length: number): Promise<Buffer>
}

/** Takes the package over; throws StepError when the descriptor is no regular file. */
export function openPackage(): OpenPackage {
  const found = fstatSync(PACKAGE_FD)
  if (!found.isFile()) throw new StepError('internal', `descriptor ${PACKAGE_FD} is no regular file`)
  return {
    size: found.size,
    bytes: () => createReadStream('', { fd: PACKAGE_FD, start: 0, autoClose: false, highWaterMark: 262_144 }),
    readAt,
  }
}

const readSome = promisify(read)

async function readAt(position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  for (let done = 0; done < length; ) {
    const { bytesRead } = await readSome(PACKAGE_FD, bytes, done, length - done, position + done)
    if (bytesRead === 0) throw archiveBroken('the package is shorter than it was')
    done += bytesRead
  }
  return bytes
}
