import { closeSync, readdirSync, readFileSync } from 'node:fs'

/**
 * Closes what whoever started this program left open for it, but for the three standard descriptors. Agents would inherit it, and
 * hold a stranger's pipe or file for as long as they run. Node sees to those below 16 only; what it opens itself is never inherited.
 * To be called before anything else is opened.
 */
export function closeInherited(): void {
  for (const fd of readdirSync('/proc/self/fd').map(Number)) {
    if (fd > 2 && isInherited(fd)) closeSync(fd)
  }
}

/** O_CLOEXEC, as fdinfo shows it: in octal. */
const CLOSED_ON_EXEC = 0o2_000_000

function isInherited(fd: number): boolean {
  try {
    const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1]
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSED_ON_EXEC) === 0
  } catch (error) {
    // The one that listed the directory is closed by now.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
