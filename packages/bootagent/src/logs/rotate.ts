import { constants } from 'node:fs'
import { type FileHandle, open, rename, unlink } from 'node:fs/promises'
import { crashPoint, diskError, systemCode } from '@bootagent/runtime'
import { COPY, LIVE, oldName } from './log-files.ts'
import { openRegular } from './open-regular.ts'
import type { Rotation } from './rotation.ts'

/**
 * Why output was not kept.
 *
 *     flood        there was more of it between two looks than may be kept, or it came faster than it could be copied
 *     disk-full    the disk had no room for the copy
 *     in-the-way   something that is not a file of ours stands where the copy belongs
 */
export type DropReason = 'flood' | 'disk-full' | 'in-the-way'

/** Bytes that were in `output.log` and are in no file any more. */
export interface Dropped {
  readonly bytes: number
  readonly why: DropReason
}

type Doing = Extract<Rotation, { kind: 'rotate' | 'cut' }>

/**
 * Carries a rotation out. Copy and truncate, because the agent itself holds the file open and is never asked to open another, and with
 * O_APPEND it goes on at the new end. Memory is one buffer whatever the size; nothing the agent does waits for it.
 *
 * **What may be lost**: what the agent writes between the last read, which found nothing more, and the truncate that follows it at
 * once: as a rule far less than a millisecond's output, and none of an agent that is not writing at that moment. It cannot be counted;
 * everything else that is not kept is.
 *
 * **A crash** leaves what the next rotation works from. Dropped or shifted half way: numbers with a gap, and a gap is where shifting
 * ends. While copying: a `.new`, which is overwritten, since `output.log` still has all of it. Between naming the copy and the
 * truncate: both have the same lines, so they are there twice, and never not at all. In each state the sizes are what the decision is
 * made from, so the bound holds again after the next one. Nothing is synced: a power cut may cost what was rotated last.
 *
 * Returns what was not kept. Throws RuntimeError when `output.log` cannot be opened or emptied; the rest is dropped and counted, since
 * a log that grows without bound is worse than a log with a hole.
 */
export async function rotate(directory: string, rotation: Rotation): Promise<readonly Dropped[]> {
  if (rotation.kind === 'nothing') return []
  try {
    for (const number of rotation.drop) await unlinkIfThere(`${directory}/${oldName(number)}`)
    return rotation.kind === 'drop' ? [] : await withLive(directory, (live) => copyAndEmpty(directory, live, rotation))
  } catch (error) {
    const why = rotation.kind === 'drop' ? undefined : dropReason(error)
    if (why === undefined) throw diskError(`rotating ${directory}/${LIVE}`, error)
    const dropped = await withLive(directory, async (live) => [{ bytes: await empty(live, 0), why }])
    await removeCopy(directory)
    return dropped
  }
}

/** Errors before the copy has its name leave `output.log` as it is; later ones have emptied it. */
async function copyAndEmpty(directory: string, live: FileHandle, rotation: Doing): Promise<readonly Dropped[]> {
  crashPoint('rotate:dropped')
  const copy = await createCopy(directory)
  const skipped: Dropped[] = rotation.from === 0 ? [] : [{ bytes: rotation.from, why: 'flood' }]
  try {
    const stream: Stream = { live, copy, buffer: Buffer.allocUnsafeSlow(BUFFER), at: rotation.from }
    await pour(stream, rotation.most)
    crashPoint('rotate:copied')
    await takePlace(directory, rotation.shift)
    return [...skipped, ...(await finish(stream, rotation.spare))]
  } finally {
    await copy.close()
  }
}

/**
 * What the agent has written meanwhile is copied too. Should it write faster than we copy, it is the newest that counts, for it may
 * be what an agent says before it dies: what is between is skipped, a few times at most. Then nothing stands between the last
 * read and the truncate.
 */
async function finish(stream: Stream, spare: number): Promise<readonly Dropped[]> {
  let skipped = 0
  try {
    const piece = Math.floor(spare / (2 * JUMPS))
    let caughtUp = await pour(stream, spare - JUMPS * piece)
    for (let jump = 0; jump < JUMPS && !caughtUp; jump++) {
      const { size } = await stream.live.stat()
      // Half a piece is for what comes while the other half is copied.
      const ahead = Math.max(stream.at, size - Math.floor(piece / 2))
      skipped += ahead - stream.at
      stream.at = ahead
      caughtUp = await pour(stream, piece)
    }
    const dropped = skipped + (caughtUp ? await emptyAtOnce(stream.live) : await empty(stream.live, stream.at))
    return dropped === 0 ? [] : [{ bytes: dropped, why: 'flood' }]
  } catch (error) {
    const why = dropReason(error)
    if (why === undefined) throw error
    return [{ bytes: skipped + (await empty(stream.live, stream.at)), why }]
  }
}

const JUMPS = 4

async function emptyAtOnce(live: FileHandle): Promise<0> {
  await live.truncate(0)
  crashPoint('rotate:emptied')
  return 0
}

/** Two files, and how far the one is copied into the other. */
interface Stream {
  readonly live: FileHandle
  readonly copy: FileHandle
  readonly buffer: Buffer
  at: number
}

/** Copies until there is nothing more; false when there may be: `most` bytes were there. */
async function pour(stream: Stream, most: number): Promise<boolean> {
  const { live, copy, buffer } = stream
  const end = stream.at + most
  while (stream.at < end) {
    const { bytesRead } = await live.read(buffer, 0, Math.min(buffer.length, end - stream.at), stream.at)
    if (bytesRead === 0) return true
    // A full disk takes part of the bytes and says so only by the count; the next write then gets the error.
    for (let written = 0; written < bytesRead; ) {
      written += (await copy.write(buffer, written, bytesRead - written)).bytesWritten
    }
    stream.at += bytesRead
    crashPoint('rotate:copying')
  }
  return false
}

const BUFFER = 128 * 1024

/** Gives the whole copy its name, after every older file has moved up by one. */
async function takePlace(directory: string, shift: readonly number[]): Promise<void> {
  for (const number of shift) {
    await rename(`${directory}/${oldName(number)}`, `${directory}/${oldName(number + 1)}`)
    crashPoint('rotate:shifting')
  }
  await rename(`${directory}/${COPY}`, `${directory}/${oldName(1)}`)
  crashPoint('rotate:named')
}

/** Never a file that is there already: a link planted in its place would be followed. */
async function createCopy(directory: string): Promise<FileHandle> {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants
  await unlinkIfThere(`${directory}/${COPY}`)
  const copy = await open(`${directory}/${COPY}`, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o640)
  // Whatever our umask is.
  await copy.chmod(0o640)
  return copy
}

/** What was copied of a log that is now empty takes room and tells nothing; something else by that name is left for people to find. */
async function removeCopy(directory: string): Promise<void> {
  try {
    await unlinkIfThere(`${directory}/${COPY}`)
  } catch (error) {
    if (!IN_THE_WAY.includes((error as NodeJS.ErrnoException).code)) throw diskError(`removing ${directory}/${COPY}`, error)
  }
}

/** Empties a log of which the first bytes are kept elsewhere; returns how many are not. */
async function empty(live: FileHandle, kept: number): Promise<number> {
  const { size } = await live.stat()
  await live.truncate(0)
  return Math.max(0, size - kept)
}

/** An agent that was never started has no log, and nothing is lost of it. */
async function withLive(directory: string, use: (live: FileHandle) => Promise<readonly Dropped[]>): Promise<readonly Dropped[]> {
  const live = await openRegular(`${directory}/${LIVE}`, 'write')
  if (live === undefined) return []
  try {
    return await use(live)
  } finally {
    await live.close()
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** Undefined for what is no reason to give a log up. */
function dropReason(error: unknown): DropReason | undefined {
  const code = systemCode(error)
  if (FULL.includes(code)) return 'disk-full'
  return IN_THE_WAY.includes(code) ? 'in-the-way' : undefined
}

const FULL: readonly (string | undefined)[] = ['ENOSPC', 'EDQUOT', 'EFBIG']
/** A directory by the name of a file (EPERM is what unlink(2) may say of one), or somebody who makes one while we look. */
const IN_THE_WAY: readonly (string | undefined)[] = ['EISDIR', 'EEXIST', 'ENOTEMPTY', 'ENOTDIR', 'EPERM', 'ENOENT']
