import { constants } from 'node:fs'
import { type FileHandle, lstat, open } from 'node:fs/promises'
import { diskError, RuntimeError } from './errors.ts'

/** What lies at a path, when something does. */
export type FoundFile =
  | {
      readonly kind: 'file'
      /** Its user's number. */
      readonly owner: number
      /** Its permissions alone: `0o600`. */
      readonly mode: number
      readonly bytes: Buffer
    }
  /** A file of more bytes than were to be read. */
  | { readonly kind: 'large'; readonly size: number }
  /** A directory, a link, a pipe: what it is in words. */
  | { readonly kind: 'other'; readonly what: string }

/**
 * The file's bytes, or undefined when there is no such file. Absent is not unreadable: everything else throws, and so does what is no
 * regular file, which might never end, and what has more than a megabyte: nothing that is read here comes near it.
 */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    return await closing(file, async () => {
      const stat = await file.stat()
      if (!stat.isFile() && !stat.isDirectory()) throw notRead(path, 'it is no regular file')
      if (stat.size > MOST_BYTES) throw notRead(path, `it has ${stat.size} bytes, and may have ${MOST_BYTES} at most`)
      return file.readFile()
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw diskError(`reading ${path}`, error)
  }
}

const MOST_BYTES = 1024 ** 2

/**
 * Looks at a file in whose content a great deal is believed: whose it is and who may write it are told with its bytes, all of the one
 * file that was opened. A link is not followed, a pipe is not waited for, and no more than `atMost` bytes are read. Undefined
 * when nothing is there; throws RuntimeError.
 */
export async function findFile(path: string, atMost: number): Promise<FoundFile | undefined> {
  try {
    // What opening alone would do something to, as to a device, is not opened.
    const what = whatElse(await lstat(path))
    if (what !== undefined) return { kind: 'other', what }
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    return await closing(file, async (): Promise<FoundFile> => {
      const stat = await file.stat()
      if (stat.size > atMost) return { kind: 'large', size: stat.size }
      return { kind: 'file', owner: stat.uid, mode: stat.mode & 0o7777, bytes: await file.readFile() }
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw diskError(`reading ${path}`, error)
  }
}

function whatElse(stat: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): string | undefined {
  if (stat.isFile()) return undefined
  if (stat.isDirectory()) return 'a directory'
  return stat.isSymbolicLink() ? 'a symbolic link' : 'no regular file'
}

async function closing<Result>(file: FileHandle, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } finally {
    await file.close()
  }
}

function notRead(path: string, why: string): RuntimeError {
  return new RuntimeError('disk-error', `reading ${path}: ${why}`)
}
