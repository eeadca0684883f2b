import { readProc } from './read-proc.ts'

/** The most memory that each of a BootAgent's processes has had at once, in bytes: the kernel's own high-water marks. */
export interface PeakMemory {
  /** So far: the daemon's, and that of the largest worker. */
  read(): { readonly daemon: number; readonly worker: number }
  close(): void
}

/** From look to look: a mark is lost with its process. */
const LOOK_MS = 20

export function watchPeakMemory(daemon: number): PeakMemory {
  const workers = new Map<number, number>()
  let most = 0
  const timer = setInterval(look, LOOK_MS)

  function look(): void {
    most = Math.max(most, markOf(daemon))
    // Its shims and checks are small: the largest of what it has started is a worker.
    for (const pid of childrenOf(daemon)) workers.set(pid, Math.max(workers.get(pid) ?? 0, markOf(pid)))
  }

  return {
    read() {
      look()
      return { daemon: most, worker: Math.max(0, ...workers.values()) }
    },
    close: () => clearInterval(timer),
  }
}

function childrenOf(pid: number): number[] {
  const children = readProc(`${pid}/task/${pid}/children`) ?? ''
  return children.split(' ').flatMap((child) => (child === '' ? [] : [Number(child)]))
}

function markOf(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readProc(`${pid}/status`) ?? '')?.[1]
  return Number(kilobytes ?? 0) * 1024
}
