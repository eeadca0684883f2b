import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { diskError } from './errors.ts'

/** Where the copy is made before it takes the file's place, and what the file may be read by. */
export interface WriteSettings {
  /** A directory on the same mount; the file's own by default. */
  readonly via?: string
  /** 0600 by default; the process's umask is taken from it. */
  readonly mode?: number
}

/**
 * Replaces a file so that after a power cut at any instant it holds either the old bytes or the new ones, and, once this
 * has resolved, the new ones. Throws RuntimeError; the file then holds either. One write of a path at a time: two at once would
 * share the copy beside it, and the callers have a queue.
 */
export async function writeFileAtomic(path: string, bytes: string | Uint8Array, settings: WriteSettings = {}): Promise<void> {
  const beside = join(settings.via ?? dirname(path), `.${basename(path)}.new`)
  try {
    // A leftover of a crash is ours to overwrite, but a link planted in its place must not be followed.
    await removeIfThere(beside)
    await writeDurably(beside, bytes, settings.mode ?? 0o600)
    // The bytes are on the disk before the name points to them …
    await rename(beside, path)
    // … and the name is on the disk before anyone is told.
    await syncDirectory(dirname(path))
  } catch (error) {
    // Best effort: the error to tell is the first one, and the next write clears the copy away.
    await removeIfThere(beside).catch(() => undefined)
    throw diskError(`writing ${path}`, error)
  }
}

/** Makes a directory, and its parents, that is still there after a power cut. */
export async function makeDirectory(path: string, mode = 0o700): Promise<void> {
  try {
    const whole = resolve(path)
    const first = await makeMissing(whole, mode)
    if (first === undefined) return
    for (let made = whole; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made))
  } catch (error) {
    throw diskError(`making ${path}`, error)
  }
}

/**
 * Makes a directory, and those above it that are missing; answers the first one it made. Node's own recursion would say that
 * there is no such file where there is no quota left, an error that it has no name for.
 */
async function makeMissing(path: string, mode: number): Promise<string | undefined> {
  try {
    await mkdir(path, { mode })
    return path
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return undefined
    if (code !== 'ENOENT') throw error
  }
  const first = await makeMissing(dirname(path), mode)
  const last = await makeMissing(path, mode)
  return first ?? last
}

/** Puts a directory's names on the disk: what was created, renamed or removed in it. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

async function writeDurably(path: string, bytes: string | Uint8Array, mode: number): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const file = await open(path, flags, mode)
  try {
    await writeAll(file, typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A full disk takes part of the bytes and says so only by the count; the next write then gets the error. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at)
    at += bytesWritten
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
