import { constants } from 'node:fs'
import { chmod, lchown, lstat, open, readdir, readlink } from 'node:fs/promises'
import process from 'node:process'
import { diskError, syncDirectory } from '@bootagent/runtime'
import { type Links, linkFault } from '../worker/judge-links.ts'
import { StepError } from '../errors.ts'
import type { Written } from '../state/metafile-schema.ts'
import { widen } from './judge-change.ts'

/**
 * Takes a tree from the worker's hands into ours: looks at everything in it once more, with our own eyes, makes it ours, and puts it
 * on the disk. The worker has judged the archive; should it have been taken over by it, this is the second lock (no device, no second
 * name, no setuid, no foreign owner, no link that leads out). From above: in a directory that is ours nobody else can change a name.
 * Answers when its files were written; undefined where there is none.
 */
export async function sealTree(root: string): Promise<Written | undefined> {
  try {
    const sealed: Sealed = { files: [], directories: [], written: undefined }
    await seal(root, sealed)
    await judgeLinks(root)
    // In any order: nothing of it counts before the record is written, and that comes last.
    await eachOf(sealed.files, syncFile)
    await eachOf(sealed.directories, syncDirectory)
    return sealed.written
  } catch (error) {
    if (error instanceof StepError) throw error
    throw diskError(`sealing ${root}`, error)
  }
}

interface Sealed {
  readonly files: string[]
  readonly directories: string[]
  written: Written | undefined
}

async function seal(path: string, sealed: Sealed): Promise<void> {
  const found = await lstat(path)
  if (!found.isDirectory()) sealed.written = widen(sealed.written, found.mtimeMs)
  if (found.isSymbolicLink()) return own(path)
  if (!found.isDirectory() && !found.isFile()) throw unsafe(path, 'is neither a file, a directory nor a symbolic link')
  if (found.isFile() && found.nlink !== 1) throw unsafe(path, 'has a second name')
  await own(path)
  // After the change of owner, which may clear these bits but need not.
  await chmod(path, found.isDirectory() || (found.mode & 0o100) !== 0 ? 0o755 : 0o644)
  sealed[found.isDirectory() ? 'directories' : 'files'].push(path)
  if (!found.isDirectory()) return
  for (const entry of await readdir(path)) await seal(`${path}/${entry}`, sealed)
}

/** All of them together, since one may lead through another. */
async function judgeLinks(root: string): Promise<void> {
  const links = await linksIn(root)
  for (const [path, target] of links) {
    const fault = target.startsWith('/') ? 'leads to an absolute path' : linkFault(path, links)
    if (fault !== undefined) throw unsafe(`${root}/${path}`, `is a symbolic link that ${fault}`)
  }
}

async function linksIn(root: string): Promise<Links> {
  const entries = await readdir(root, { withFileTypes: true, recursive: true })
  const paths = entries.filter((entry) => entry.isSymbolicLink()).map((entry) => `${entry.parentPath}/${entry.name}`)
  const links = new Map<string, string>()
  for (const path of paths) links.set(path.slice(root.length + 1), await readlink(path))
  return links
}

async function own(path: string): Promise<void> {
  if (process.geteuid?.() === 0) await lchown(path, 0, 0)
}

function unsafe(path: string, why: string): StepError {
  return new StepError('archive-unsafe', `after unpacking, ${path} ${why}`)
}

/** So many at once: the disk puts what is asked for together on it together, and the daemon keeps threads for others. */
const AT_ONCE = 3

async function eachOf(paths: readonly string[], work: (path: string) => Promise<void>): Promise<void> {
  const rest = paths.values()
  const one = async () => {
    for (const path of rest) await work(path)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
}

/** Bytes, owner and mode in one: nobody has put any of them on the disk before. */
async function syncFile(path: string): Promise<void> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
