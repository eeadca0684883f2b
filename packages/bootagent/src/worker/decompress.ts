import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createInflateRaw, createZstdDecompress } from 'node:zlib'
import { archiveBroken } from './archive-broken.ts'
import { StepError } from '../errors.ts'

/** How a stream may be packed. */
export type Compression = 'gz' | 'zst' | 'xz' | 'none'

/** Unpacks a stream to its last byte; throws `archive-broken` when it is damaged, cut, or followed by anything else. */
export function decompress(compression: Compression, bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  switch (compression) {
    case 'gz':
      return through(createGunzip(STRICT), bytes)
    case 'zst':
      return through(createZstdDecompress(STRICT), bytes)
    case 'xz':
      return throughXz(bytes)
    case 'none':
      return bytes
  }
}

/** Unpacks what is deflated without any frame, as bodies in a zip are; what stands around it must tell when it is damaged. */
export function inflateRaw(bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  return through(createInflateRaw(STRICT), bytes)
}

/** A second stream behind the first is read by some programs and not by others. */
const STRICT = { rejectGarbageAfterEnd: true, chunkSize: 262_144 }

async function* through(transform: Duplex, bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  // A fault of the source, a wrong digest say, breaks the transform, and so reaches whoever reads it.
  const pumped = pipeline(bytes, transform)
  pumped.catch(() => undefined)
  try {
    yield* transform
    await pumped
  } catch (error) {
    throw error instanceof StepError ? error : damaged((error as Error).message, error)
  }
}

/** A dictionary of xz may claim 4 GiB of memory; its strongest preset needs 65 MiB. */
const XZ = ['--decompress', '--stdout', '--quiet', '--threads=1', '--memlimit-decompress=256MiB']

async function* throughXz(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  // Not where the worker is: another process of its user could enter by way of this one's /proc/<pid>/cwd, and plant links there.
  const xz = spawn('xz', XZ, { cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] })
  await once(xz, 'spawn').catch((error: unknown) => Promise.reject(xzMissing(error)))
  const complaint: Buffer[] = []
  xz.stderr.on('data', (piece: Buffer) => complaint.length < 8 && complaint.push(piece))
  const ended = once(xz, 'close')
  const fed = pipeline(bytes, xz.stdin)
  // Looked at below, once the output has ended.
  fed.catch(() => undefined)
  yield* xz.stdout
  const [code] = (await ended) as [number | null]
  await fed.catch(rethrowOurs)
  if (code !== 0) throw damaged(Buffer.concat(complaint).toString('utf8').trim())
}

function damaged(why: string, cause?: unknown): StepError {
  return archiveBroken(`the archive cannot be decompressed: ${why.slice(0, 200)}`, cause)
}

function xzMissing(error: unknown): StepError {
  const absent = (error as NodeJS.ErrnoException).code === 'ENOENT'
  const why = absent
    ? 'the host has no program xz; install the package xz-utils'
    : `xz cannot be run: ${(error as Error).message}`
  return new StepError('archive-unknown', `the archive is packed with xz, and ${why}`, error)
}

/** When xz ends early its input pipe breaks; the exit code says why. Only a fault of the source itself is worth more. */
function rethrowOurs(error: unknown): void {
  if (error instanceof StepError) throw error
}
