import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { RuntimeError } from '@bootagent/runtime'

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants

/**
 * Opens one file of an agent's log, or says that there is none. Whoever may write the directory of a log could put something else in
 * its place: a link to a file that only we may read, a pipe that nobody ever writes. Neither is followed or waited for; both are a
 * RuntimeError. The log's directory itself cannot be replaced: what it lies in is ours.
 */
export async function openRegular(path: string, access: 'read' | 'write'): Promise<FileHandle | undefined> {
  try {
    const file = await open(path, flagsFor(access))
    const why = objection(await file.stat())
    if (why === undefined) return file
    await file.close()
    throw new RuntimeError('disk-error', `${path} is not used: ${why}`)
  } catch (error) {
    return unlessAbsent(path, error)
  }
}

/** The same at once, for a few reads; returns a descriptor. */
export function openRegularSync(path: string): { readonly descriptor: number; readonly stat: Stats } | undefined {
  try {
    const descriptor = openSync(path, flagsFor('read'))
    const stat = fstatSync(descriptor)
    const why = objection(stat)
    if (why === undefined) return { descriptor, stat }
    closeSync(descriptor)
    throw new RuntimeError('disk-error', `${path} is not used: ${why}`)
  } catch (error) {
    return unlessAbsent(path, error)
  }
}

function flagsFor(access: 'read' | 'write'): number {
  return (access === 'read' ? O_RDONLY : O_RDWR) | O_NOFOLLOW | O_NONBLOCK
}

/** A second name may be that of a file which is not the agent's to read, or to empty. */
function objection(stat: Stats): string | undefined {
  if (!stat.isFile()) return 'it is not a regular file'
  return stat.nlink > 1 ? 'it has a second name (a hard link)' : undefined
}

function unlessAbsent(path: string, error: unknown): undefined {
  if (error instanceof RuntimeError) throw error
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return undefined
  const why = code === 'ELOOP' ? 'it is a symbolic link' : code === 'ENXIO' ? 'it is not a regular file' : message
  throw new RuntimeError('disk-error', `${path} is not used: ${why}`, error)
}
