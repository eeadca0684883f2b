import { watch } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { type Clock, createDoorbell, type Doorbell, diskError } from '@bootagent/runtime'
import { LIVE, oldName } from './log-files.ts'
import { openRegular } from './open-regular.ts'
import { BEFORE, type LogPlace } from './read-tail.ts'

/** What is followed, and who is told. */
export interface Following {
  readonly directory: string
  /** Where it begins: where a tail has ended. */
  readonly from: LogPlace
  readonly clock: Clock
  /** Is given the bytes in their order; the next ones are read when it has resolved. */
  readonly write: (bytes: Buffer) => Promise<void>
}

/**
 * Passes on what an agent writes, until the signal is aborted. The kernel tells of changes; that is a hint, and once a second it is
 * looked all the same. When the log was rotated meanwhile, the rest of what was in it is read where it lies now: no line twice, and
 * none lost but those that rotation itself loses, and those of a flood that rotates faster than they are written here. Throws
 * RuntimeError where something else stands in place of a log.
 */
export async function followLog(following: Following, signal: AbortSignal): Promise<void> {
  const changed = createDoorbell()
  const stopWatching = watchIfPossible(following.directory, changed)
  const place: Place = { ...following.from, known: undefined }
  try {
    place.known = await openOld(following, 1)
    void ringNowAndThen(changed, following.clock, signal)
    while (!signal.aborted) {
      await readOn(following, place, signal)
      await changed.wait(signal)
    }
  } finally {
    stopWatching()
    await place.known?.file.close()
  }
}

/** How far it is read. Other bytes than these just before it mean that the log was emptied, however much is in it by now. */
interface Place extends LogPlace {
  at: number
  before: Buffer
  /** The newest older file of which all is read. It is held open, so that no other can get its number. */
  known: OldFile | undefined
}

interface OldFile {
  readonly file: FileHandle
  readonly inode: number
}

const CHUNK = 64 * 1024

async function readOn(following: Following, place: Place, signal: AbortSignal): Promise<void> {
  const live = await openRegular(`${following.directory}/${LIVE}`, 'read')
  if (live === undefined) return
  const buffer = Buffer.allocUnsafe(BEFORE + CHUNK)
  try {
    while (!signal.aborted) {
      const { before } = place
      const read = await readAt(live, buffer, place.at - before.length)
      if (!read.subarray(0, before.length).equals(before)) {
        await readRotated(following, place, signal)
        Object.assign(place, { at: 0, before: Buffer.alloc(0) })
        continue
      }
      const fresh = read.subarray(before.length)
      if (fresh.length === 0) return
      await following.write(Buffer.from(fresh))
      Object.assign(place, { at: place.at + fresh.length, before: Buffer.from(read.subarray(-BEFORE)) })
    }
  } finally {
    await live.close()
  }
}

/** Reads what has been moved aside since: the oldest of those files from where we were, the others whole. */
async function readRotated(following: Following, place: Place, signal: AbortSignal): Promise<void> {
  const files = await openSince(following, place.known)
  try {
    for (const [index, { file }] of files.entries()) {
      await passOn(following, { file, from: index === 0 ? await whereWeWere(file, place) : 0 }, signal)
    }
  } finally {
    const newest = files.pop()
    for (const { file } of files) await file.close()
    if (newest !== undefined) {
      await place.known?.file.close()
      place.known = newest
    }
  }
}

/** The older files that are newer than the one we know, the oldest first. */
async function openSince(following: Following, known: OldFile | undefined): Promise<OldFile[]> {
  const found: OldFile[] = []
  for (let number = 1; ; number++) {
    const old = await openOld(following, number)
    if (old === undefined) return found
    if (old.inode === known?.inode) {
      await old.file.close()
      return found
    }
    // Moved up by one while we look: it is met a second time.
    if (found.some(({ inode }) => inode === old.inode)) await old.file.close()
    else found.unshift(old)
  }
}

/** A copy begins where the log did, but after a flood: then our place is searched for, and what does not have it is all new. */
async function whereWeWere(file: FileHandle, { at, before }: LogPlace): Promise<number> {
  const there = await readAt(file, Buffer.alloc(before.length), at - before.length)
  if (there.equals(before)) return at
  const buffer = Buffer.allocUnsafe(CHUNK + BEFORE)
  for (let from = 0; ; from += CHUNK) {
    const read = await readAt(file, buffer, from)
    const found = read.indexOf(before)
    if (found !== -1) return from + found + before.length
    if (read.length < buffer.length) return 0
  }
}

async function passOn(
  following: Following,
  { file, from }: { file: FileHandle; from: number },
  signal: AbortSignal,
): Promise<void> {
  const buffer = Buffer.allocUnsafe(CHUNK)
  for (let at = from; !signal.aborted; ) {
    const read = await readAt(file, buffer, at)
    if (read.length === 0) return
    await following.write(Buffer.from(read))
    at += read.length
  }
}

async function openOld({ directory }: Following, number: number): Promise<OldFile | undefined> {
  const file = await openRegular(`${directory}/${oldName(number)}`, 'read')
  return file === undefined ? undefined : { file, inode: (await file.stat()).ino }
}

async function readAt(file: FileHandle, buffer: Buffer, at: number): Promise<Buffer> {
  try {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at)
    return buffer.subarray(0, bytesRead)
  } catch (error) {
    throw diskError('reading a log', error)
  }
}

function watchIfPossible(directory: string, changed: Doorbell): () => void {
  try {
    const watcher = watch(directory, { persistent: false }, () => changed.ring())
    // Then it is looked at from time to time, and no more.
    watcher.on('error', () => watcher.close())
    return () => watcher.close()
  } catch (error) {
    if (UNWATCHABLE.includes((error as NodeJS.ErrnoException).code)) return () => undefined
    throw diskError(`watching ${directory}`, error)
  }
}

/** No watches left, no descriptors left, or not there yet. */
const UNWATCHABLE: readonly (string | undefined)[] = ['ENOSPC', 'EMFILE', 'ENFILE', 'ENOENT']

async function ringNowAndThen(changed: Doorbell, clock: Clock, signal: AbortSignal): Promise<void> {
  while (await clock.sleep(1000, signal)) changed.ring()
}
