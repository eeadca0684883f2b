/** What a name on a simulated disk leads to. */
export type Inode = FileNode | DirectoryNode | LinkNode

export interface FileNode {
  readonly kind: 'file'
  readonly number: number
  /** As every program sees it now. */
  bytes: Buffer
  /** As it is on the disk for certain; undefined when nothing of it was ever synced. */
  synced: Buffer | undefined
  /** A sync of it has failed: the kernel has marked its pages clean, and no later sync writes them. */
  cursed: boolean
  mode: number
  links: number
  /** Milliseconds, as it was set last; nobody here reads when it was written. */
  modified: number
}

export interface DirectoryNode {
  readonly kind: 'directory'
  readonly number: number
  /** As every program sees it now. */
  entries: Map<string, Inode>
  /** As it is on the disk for certain. */
  synced: Map<string, Inode>
  mode: number
}

export interface LinkNode {
  readonly kind: 'link'
  readonly number: number
  readonly target: string
}

/** One change of names that a program saw happen. A rename changes two at once, and is never half done. */
export interface Change {
  readonly names: readonly NameChange[]
}

export interface NameChange {
  readonly directory: DirectoryNode
  readonly name: string
  /** What it leads to from then on; undefined when it is gone. */
  readonly to: Inode | undefined
}

export function newDirectory(number: number, mode = 0o700): DirectoryNode {
  return { kind: 'directory', number, entries: new Map(), synced: new Map(), mode }
}

/** Does a change to one of the two sights of a directory. */
export function applyChange({ names }: Change, sight: 'entries' | 'synced'): void {
  for (const { directory, name, to } of names) {
    if (to === undefined) directory[sight].delete(name)
    else directory[sight].set(name, to)
  }
}
