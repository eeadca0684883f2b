import { createHash } from 'node:crypto'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

/** What lies around the directory that is unpacked into. Everybody may write here, so that an escape would be seen and not only fail. */
export const OUTSIDE = join(tmpdir(), `bootagent-outside-${process.pid}`)

/** Where the daemon makes the directories it unpacks into. */
export const STAGING = join(OUTSIDE, 'tmp')

/** A file of the host that attacks reach for. */
export const VICTIM = join(OUTSIDE, 'victim')

/** Makes the surroundings; they are taken away by {@link removeOutside}. */
export function plantOutside(): void {
  removeOutside()
  for (const directory of [OUTSIDE, STAGING, join(OUTSIDE, 'etc')]) makeOpen(directory)
  for (const file of [VICTIM, join(OUTSIDE, 'etc/passwd')]) {
    writeFileSync(file, `root:x:0:0:${file}\n`)
    chmodSync(file, 0o666)
  }
  symlinkSync('victim', join(OUTSIDE, 'link'))
}

export function removeOutside(): void {
  rmSync(OUTSIDE, { recursive: true, force: true })
}

function makeOpen(directory: string): void {
  mkdirSync(directory)
  chmodSync(directory, 0o777)
}

/** Names, modes, owners, times, link counts and contents of all that lies outside, and of the host's own users. */
export function pictureOfOutside(): readonly string[] {
  return [...picture(OUTSIDE), ...HOST_FILES.map((path) => `${path} ${factsOf(path)}`)]
}

const HOST_FILES = ['/etc/passwd', '/etc/shadow']

function picture(path: string): string[] {
  // The staging directory changes by being used; that it is empty afterwards is told by its names.
  const facts = path === STAGING ? '' : factsOf(path)
  const inner = lstatSync(path).isDirectory() ? readdirSync(path).toSorted() : []
  return [`${path} ${facts}`, ...inner.flatMap((name) => picture(join(path, name)))]
}

function factsOf(path: string): string {
  const { mode, uid, gid, nlink, size, mtimeNs } = lstatSync(path, { bigint: true })
  return [mode.toString(8), uid, gid, nlink, size, mtimeNs, contentOf(path)].join(' ')
}

function contentOf(path: string): string {
  const found = lstatSync(path)
  if (found.isSymbolicLink()) return `-> ${readlinkSync(path)}`
  return found.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : ''
}

/** Everything below a directory: mode, size or link target, and path, in the order of the paths. */
export function treeOf(root: string, path = ''): string[] {
  const names = readdirSync(join(root, path)).toSorted()
  return names.flatMap((name) => {
    const inner = path === '' ? name : `${path}/${name}`
    const found = lstatSync(join(root, inner))
    const mode = (found.mode & 0o7777).toString(8)
    if (found.isSymbolicLink()) return [`${inner} -> ${readlinkSync(join(root, inner))}`]
    return found.isDirectory() ? [`${mode} ${inner}/`, ...treeOf(root, inner)] : [`${mode} ${inner}`]
  })
}

/** Bytes of all files below a directory. */
export function bytesIn(root: string): number {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}
