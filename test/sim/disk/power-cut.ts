import type { Chance } from '../world/chance.ts'
import { applyChange, type Change, type DirectoryNode, type FileNode } from './inode.ts'

/**
 * What a power cut leaves. Whatever was synced is there. Of the changes of names that were not, chance keeps either those up to
 * some moment, as a journal does, or any of them that do not rest on one that is lost; of bytes that were not, none, all, the first
 * ones, or zeros in their place.
 */
export function cutPower(root: DirectoryNode, pending: readonly Change[], chance: Chance): void {
  for (const change of chooseKept(pending, chance)) applyChange(change, 'synced')
  forget(root, chance, new Set())
}

function chooseKept(pending: readonly Change[], chance: Chance): readonly Change[] {
  if (chance.oneIn(2)) return pending.slice(0, chance.whole(0, pending.length))
  const lost = new Set<string>()
  return pending.filter((change) => {
    const names = change.names.map(({ directory, name }) => `${directory.number} ${name}`)
    const kept = !names.some((name) => lost.has(name)) && chance.oneIn(2)
    if (!kept) for (const name of names) lost.add(name)
    return kept
  })
}

/** From here on the disk is what it was at the cut: memory is gone. */
function forget(directory: DirectoryNode, chance: Chance, seen: Set<number>): void {
  directory.entries = new Map(directory.synced)
  for (const inode of directory.entries.values()) {
    if (seen.has(inode.number)) continue
    seen.add(inode.number)
    if (inode.kind === 'directory') forget(inode, chance, seen)
    if (inode.kind === 'file') forgetBytes(inode, chance)
  }
}

function forgetBytes(file: FileNode, chance: Chance): void {
  const kept = file.synced?.equals(file.bytes) === true ? file.bytes : chooseBytes(file, chance)
  file.bytes = kept
  file.synced = kept
  file.cursed = false
}

function chooseBytes({ bytes, synced }: FileNode, chance: Chance): Buffer {
  switch (chance.whole(0, 3)) {
    case 0:
      return bytes
    case 1:
      return bytes.subarray(0, chance.whole(0, bytes.length))
    case 2:
      return Buffer.alloc(bytes.length)
    default:
      return synced ?? Buffer.alloc(0)
  }
}
