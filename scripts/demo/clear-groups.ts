import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { groupKey } from 'bootagent'

const ROOT = '/sys/fs/cgroup'

/** Ends whatever is still in the control groups of a home's agents, and removes the groups: who only tries things out leaves nothing. */
export async function clearGroups(home: string): Promise<void> {
  for (const place of placesOf(home)) {
    while (existsSync(place) && !removeTree(place)) await pause(20)
  }
}

function placesOf(home: string): string[] {
  if (!existsSync(ROOT)) return []
  const hierarchies = [ROOT, ...readdirSync(ROOT).map((name) => `${ROOT}/${name}`)]
  return hierarchies.map((hierarchy) => `${hierarchy}/bootagent/${groupKey(home)}`)
}

/** From the bottom to the top; false when a process in it has yet to die. */
function removeTree(group: string): boolean {
  const inner = readdirSync(group, { withFileTypes: true }).filter((each) => each.isDirectory())
  const emptied = inner.map(({ name }) => removeTree(`${group}/${name}`)).every(Boolean)
  for (const pid of readFileSync(`${group}/cgroup.procs`, 'latin1').split('\n').filter(Boolean)) kill(Number(pid))
  try {
    if (emptied) rmdirSync(group)
    return emptied
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EBUSY') return false
    throw error
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
