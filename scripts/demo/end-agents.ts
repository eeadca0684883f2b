import { readdirSync, readFileSync } from 'node:fs'
import process from 'node:process'

/** Agents outlive their BootAgent, as they should; a demo leaves nothing. They are known by the data directory they were given. */
export function endAgentsOf(home: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (environmentOf(pid).some((each) => each.startsWith(`BOOTAGENT_DATA=${home}/`))) process.kill(Number(pid), 'SIGKILL')
  }
}

function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch (error) {
    // Gone meanwhile, or somebody else's: neither is ours.
    if (['ENOENT', 'EACCES', 'ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}
