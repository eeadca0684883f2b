import type { Disk } from './disk.ts'

/** What an operation does to a disk, as far as faults are told apart by it. */
export type Operation = 'look' | 'make' | 'write' | 'sync' | 'name'

/** One life of a program on a disk. Its paths begin with its own name, so that a program that was killed can never touch what the next one finds. */
export interface Mount {
  readonly disk: Disk
  /** Resolves when the operation may be done, never when its program is dead by then; rejects with what the kernel says of a disk that is full or failing. */
  readonly enter: (operation: Operation, path: string) => Promise<void>
  /** Bytes that may still be written. */
  readonly free: () => number
}

const mounts = new Map<string, Mount>()

/** Makes a disk reachable below `/<name>/`. */
export function mount(name: string, mounted: Mount): void {
  mounts.set(name, mounted)
}

/** Forgets every disk; the programs that used them must be dead. */
export function unmountAll(): void {
  mounts.clear()
}

/** The disk that a path is on, and the path on it. */
export function mountOf(path: string): { mounted: Mount; inner: string } {
  const [, name = '', inner = ''] = /^\/([^/]+)(\/.*)?$/.exec(path) ?? []
  const mounted = mounts.get(name)
  if (mounted === undefined) throw new Error(`${path} is on no simulated disk: nothing in a simulation may touch a real one`)
  return { mounted, inner: inner === '' ? '/' : inner }
}
