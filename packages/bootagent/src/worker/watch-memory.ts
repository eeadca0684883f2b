import { readdirSync, readFileSync } from 'node:fs'

/** Milliseconds between two looks. */
const PERIOD = 500

/**
 * Looks every half second at how much memory a process and all that descends from it have together, and calls back, once, when it is
 * more than allowed. Returns how to stop looking. What they take between two looks is bounded by the kernel's limits of each process.
 */
export function watchMemory(pid: number, most: number, onTooMuch: () => void): () => void {
  const timer = setInterval(() => {
    if (memoryOf(pid) <= most) return
    clearInterval(timer)
    onTooMuch()
  }, PERIOD)
  return () => clearInterval(timer)
}

/**
 * Bytes they have in memory; what they share is counted for each. A few small reads of what needs no disk: to look through all
 * processes of the host instead cost more than unpacking did.
 */
function memoryOf(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(`/proc/${pid}/status`)) ?? []
  return childrenOf(pid).reduce((sum, child) => sum + memoryOf(child), Number(kilobytes ?? 0) * 1024)
}

/** Each thread has its own; a kernel that does not tell them (before 4.2, or built without) has none for us. */
function childrenOf(pid: number): number[] {
  return unlessUnseen(() => readdirSync(`/proc/${pid}/task`), []).flatMap((thread) =>
    readProc(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  )
}

/** Empty for a process that is gone. */
function readProc(path: string): string {
  return unlessUnseen(() => readFileSync(path, 'latin1'), '')
}

function unlessUnseen<Result>(look: () => Result, otherwise: Result): Result {
  try {
    return look()
  } catch (error) {
    if (UNSEEN.includes((error as NodeJS.ErrnoException).code)) return otherwise
    throw error
  }
}

/** Gone; or the host has no descriptors left to look with, and the next look may have. */
const UNSEEN: readonly (string | undefined)[] = ['ENOENT', 'ESRCH', 'EMFILE', 'ENFILE']
