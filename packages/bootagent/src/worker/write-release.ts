import { constants, createReadStream } from 'node:fs'
import { mkdir, open, symlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { KeptEntry } from './judge-entry.ts'

/** Makes a release in the working directory, entry by entry. Putting it on the disk is left to whoever takes it over, and must do that anyway. */
export interface ReleaseWriter {
  put(entry: KeptEntry, body: AsyncIterable<Buffer>): Promise<void>
  finish(): Promise<void>
}

export function createReleaseWriter(): ReleaseWriter {
  const directories = new Set(['.'])
  const links: Extract<KeptEntry, { kind: 'symlink' }>[] = []

  async function put(entry: KeptEntry, body: AsyncIterable<Buffer>): Promise<void> {
    if (entry.kind === 'root') return
    await makeDirectory(entry.kind === 'directory' ? entry.path : dirname(entry.path))
    if (entry.kind === 'file') await writeNewFile(entry.path, entry.mode, body)
    if (entry.kind === 'copy') await writeNewFile(entry.path, entry.mode, readNoFollow(entry.of))
    if (entry.kind === 'symlink') links.push(entry)
  }

  async function makeDirectory(path: string): Promise<void> {
    if (directories.has(path)) return
    await makeDirectory(dirname(path))
    await mkdir(path, 0o755)
    directories.add(path)
  }

  async function finish(): Promise<void> {
    // Links come last: while files are written there is none to write through, and by now all of them have been judged.
    for (const { path, target } of links) await symlink(target, path)
  }

  return { put, finish }
}

/** Writes a file that was not there before; a link planted in its place is not followed. */
async function writeNewFile(path: string, mode: number, body: AsyncIterable<Buffer>): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
  const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
  try {
    // `writeFile` goes on where it stopped and, other than `write`, until all bytes are written or the disk says why not.
    for await (const piece of body) await file.writeFile(piece)
  } finally {
    await file.close()
  }
}

async function* readNoFollow(path: string): AsyncGenerator<Buffer, void> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  yield* createReadStream('', { fd: file, highWaterMark: 262_144 })
}
