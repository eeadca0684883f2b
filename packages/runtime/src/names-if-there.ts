import { readdir } from 'node:fs/promises'
import { diskError } from './errors.ts'

/** The names in a directory, or undefined when there is no such directory; everything else throws RuntimeError. */
export async function namesIfThere(directory: string): Promise<string[] | undefined> {
  try {
    return await readdir(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw diskError(`looking into ${directory}`, error)
  }
}
