import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

/** Milliseconds between two looks. */
const PERIOD = 500

/**
 * Looks every half second at how much memory the processes of a group have together, and calls back, once, when it is more than
 * allowed. Returns how to stop looking. What a group takes between two looks is bounded by the kernel's own limits of each process.
 */
export function watchMemory(group: number, most: number, onTooMuch: () => void): () => void {
  let watching = true
  let timer: NodeJS.Timeout

  async function look(): Promise<void> {
    const used = await memoryOf(group)
    if (!watching) return
    if (used > most) {
      watching = false
      onTooMuch()
    } else timer = setTimeout(() => void look(), PERIOD)
  }

  timer = setTimeout(() => void look(), PERIOD)
  return () => {
    watching = false
    clearTimeout(timer)
  }
}

/** Bytes that the living processes of a group have in memory; what they share is counted for each. One after the other: no more than one file is open. */
async function memoryOf(group: number): Promise<number> {
  let sum = 0
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    // After the name, which may hold anything: state, parent, group (proc(5)).
    const stat = await readProc(`/proc/${pid}/stat`)
    if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]) !== group) continue
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(await readProc(`/proc/${pid}/status`)) ?? []
    sum += Number(kilobytes ?? 0) * 1024
  }
  return sum
}

/** Empty for a process that is gone. */
function readProc(path: string): Promise<string> {
  return readFile(path, 'latin1').catch((error: unknown) => {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return ''
    throw error
  })
}
