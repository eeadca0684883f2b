import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs'

/**
 * The process that holds a lock on a file, by what the kernel tells of its descriptors (proc(5), fdinfo); undefined when none does. No
 * lock is taken for it: one that is held for an instant would turn away a BootAgent that is just starting. And by the file itself,
 * not by the kernel's list of locks: there btrfs and overlays have another device number than the one a file is told by. Only root
 * sees every process.
 */
export function findLockHolder(path: string): number | undefined {
  const file = statSync(path, { throwIfNoEntry: false })
  return file === undefined ? undefined : numbersIn('/proc').find((pid) => holds(pid, file))
}

function holds(pid: number, file: Stats): boolean {
  return numbersIn(`/proc/${pid}/fd`).some((descriptor) => {
    const open = orGone(() => statSync(`/proc/${pid}/fd/${descriptor}`))
    if (open?.ino !== file.ino || open.dev !== file.dev) return false
    return orGone(() => readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'latin1'))?.includes('\nlock:') === true
  })
}

function numbersIn(directory: string): number[] {
  return (orGone(() => readdirSync(directory)) ?? []).filter((name) => /^\d+$/.test(name)).map(Number)
}

/** Processes end while they are looked at, and others' are not ours to see. */
function orGone<Value>(look: () => Value): Value | undefined {
  try {
    return look()
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return undefined
    throw error
  }
}
