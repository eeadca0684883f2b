import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Incoming, Resume } from './incoming.ts'
import { quote } from './quote.ts'
import { StepError } from '../errors.ts'

/** Opens a package that is on the host already. The worker's own user must be able to read it, and it must be a regular file. */
export async function copyFileUrl(url: URL, resume: Resume): Promise<Incoming> {
  const path = pathOf(url)
  // Without O_NONBLOCK a fifo would hold the worker until somebody writes to it.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    throw openFault(path, error)
  })
  const found = await file.stat()
  if (!found.isFile()) throw new StepError('fetch-no-file', `${quote(path)} is no regular file`)
  const validator = `file ${found.size} ${found.mtimeMs}`
  const from = resume.from <= found.size && resume.validator === validator ? resume.from : 0
  return { bytes: file.createReadStream({ highWaterMark: 262_144, start: from }), from, length: found.size, validator }
}

function pathOf(url: URL): string {
  try {
    return fileURLToPath(url)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new StepError('url-bad', `the package url names no file of this host: ${error.message}`, error)
  }
}

const ABSENT: readonly (string | undefined)[] = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'ENXIO']

function openFault(path: string, error: unknown): StepError {
  const { code, message } = error as NodeJS.ErrnoException
  if (ABSENT.includes(code)) return new StepError('fetch-no-file', `there is no file ${quote(path)} on the host`, error)
  if (code === 'EACCES') {
    return new StepError(
      'fetch-refused',
      `${quote(path)} may not be read by the user downloads run as; make it readable for all`,
      error,
    )
  }
  return new StepError('disk-error', `${quote(path)} cannot be opened: ${message}`, error)
}
