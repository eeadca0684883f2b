import type { Chance } from '../world/chance.ts'
import {
  applyChange,
  type Change,
  type DirectoryNode,
  type FileNode,
  type Inode,
  type NameChange,
  newDirectory,
} from './inode.ts'
import { cutPower } from './power-cut.ts'

/**
 * One host's disk: what programs see, and below it what is there for certain. The two differ until a sync brings them together, file
 * by file and directory by directory; a power cut shows what the difference was.
 */
export interface Disk {
  readonly root: DirectoryNode
  /** Looks a path up, links not followed; throws ENOENT and ENOTDIR as a kernel does. */
  find(path: string): Inode
  findIfThere(path: string): Inode | undefined
  /** The directory that a path's last name is in, and that name. */
  parentOf(path: string): { directory: DirectoryNode; name: string }
  newFile(mode: number): FileNode
  newDirectory(mode: number): DirectoryNode
  nextNumber(): number
  /** Changes names; seen by programs at once, and there for certain once one of its directories is synced. */
  change(names: readonly NameChange[]): void
  syncFile(file: FileNode): void
  syncDirectory(directory: DirectoryNode): void
  powerCut(chance: Chance): void
  /** Counts every change: who has looked at the disk knows by it whether there is anything new to see. */
  generation(): number
  touched(): void
}

export function createDisk(): Disk {
  let pending: Change[] = []
  let numbers = 1
  let generation = 0
  const root = newDirectory(numbers++)

  function findIfThere(path: string): Inode | undefined {
    let at: Inode | undefined = root
    for (const name of namesOf(path)) {
      if (at === undefined) return undefined
      if (at.kind !== 'directory') throw systemError('ENOTDIR', path)
      at = at.entries.get(name)
    }
    return at
  }

  function find(path: string): Inode {
    const found = findIfThere(path)
    if (found === undefined) throw systemError('ENOENT', path)
    return found
  }

  /** One that is synced takes with it what came before it to the same names: no disk shows a later change without the earlier. */
  function makeCertain(change: Change): void {
    const at = pending.indexOf(change)
    if (at === -1) return
    for (const earlier of pending.slice(0, at)) if (sharesName(earlier, change)) makeCertain(earlier)
    applyChange(change, 'synced')
    pending = pending.filter((each) => each !== change)
  }

  return {
    root,
    find,
    findIfThere,
    parentOf(path) {
      const names = namesOf(path)
      const name = names.pop()
      if (name === undefined) throw systemError('EBUSY', path)
      const directory = find(`/${names.join('/')}`)
      if (directory.kind !== 'directory') throw systemError('ENOTDIR', path)
      return { directory, name }
    },
    newFile: (mode) => ({
      kind: 'file',
      number: numbers++,
      bytes: Buffer.alloc(0),
      synced: undefined,
      cursed: false,
      mode,
      links: 0,
      modified: 0,
    }),
    newDirectory: (mode) => newDirectory(numbers++, mode),
    nextNumber: () => numbers++,
    change(names) {
      const change: Change = { names }
      applyChange(change, 'entries')
      pending.push(change)
      generation++
    },
    syncFile(file) {
      if (!file.cursed) file.synced = file.bytes
      generation++
    },
    syncDirectory(directory) {
      for (const change of pending.filter(({ names }) => names.some((each) => each.directory === directory))) makeCertain(change)
      generation++
    },
    powerCut(chance) {
      cutPower(root, pending, chance)
      pending = []
      generation++
    },
    generation: () => generation,
    touched() {
      generation++
    },
  }
}

/** What the kernel would say, in Node's form. */
export function systemError(code: string, path: string, syscall = 'open'): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(`${code}: ${MEANINGS[code] ?? 'refused'}, ${syscall} '${path}'`)
  error.code = code
  error.syscall = syscall
  error.path = path
  return error
}

const MEANINGS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EEXIST: 'file already exists',
  ENOTDIR: 'not a directory',
  EISDIR: 'illegal operation on a directory',
  ENOTEMPTY: 'directory not empty',
  EINVAL: 'invalid argument',
  EBADF: 'bad file descriptor',
  ELOOP: 'too many symbolic links encountered',
  ENOSPC: 'no space left on device',
  EIO: 'i/o error',
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.')
}

function sharesName(a: Change, b: Change): boolean {
  return a.names.some((one) => b.names.some((other) => one.directory === other.directory && one.name === other.name))
}
