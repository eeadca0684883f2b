import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const CACHE = join(dirname(import.meta.dirname), '.cache', 'debian')

/**
 * The path of a Debian package's .deb, of whichever version this system's sources have; it is never installed. Kept
 * outside git, so it is downloaded once. Throws what apt-get said when it cannot be had.
 */
export async function debianPackage(name: string): Promise<string> {
  await mkdir(CACHE, { recursive: true })
  return (await findPackage(CACHE, name)) ?? (await download(name))
}

async function findPackage(directory: string, name: string): Promise<string | undefined> {
  const file = (await readdir(directory)).find((each) => each.startsWith(`${name}_`) && each.endsWith('.deb'))
  return file === undefined ? undefined : join(directory, file)
}

/** Into a directory of its own first: what lies in the cache under its name has come whole, also when two tests ask at once. */
async function download(name: string): Promise<string> {
  const directory = await mkdtemp(join(CACHE, '.download-'))
  try {
    await aptDownload(directory, name)
    const file = await findPackage(directory, name)
    if (file === undefined) throw new Error(`apt-get download ${name} succeeded, but brought no ${name}_*.deb`)
    const kept = join(CACHE, file.slice(directory.length + 1))
    await rename(file, kept)
    return kept
  } finally {
    await rm(directory, { recursive: true })
  }
}

const run = promisify(execFile)

/** A machine whose package lists are missing or old is told to fetch them, once. One without apt-get cannot be helped. */
async function aptDownload(cwd: string, name: string): Promise<void> {
  try {
    await run('apt-get', ['download', name], { cwd })
  } catch (error) {
    if (typeof (error as { code?: unknown }).code !== 'number') throw error
    await run('apt-get', ['update'])
    await run('apt-get', ['download', name], { cwd })
  }
}
