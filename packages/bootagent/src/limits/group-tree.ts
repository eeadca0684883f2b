import process from 'node:process'
import type { Group } from './driver.ts'
import { groupsIn, readKernel, removeGroup, writeKernel } from './kernel-file.ts'

/*
 * The groups of one BootAgent in one hierarchy; `place` is the third line:
 *
 *     /sys/fs/cgroup/memory
 *       bootagent                      all BootAgents of the host
 *         5f3a9c1e                     one of them, by its home
 *           metrics.agent              an agent: the ending keeps it apart from the kernel's own files, such as `tasks`
 *             000012-5f3a9c1e          an attempt; what an agent makes below is the agent's, and goes with it
 */

/** Where a BootAgent's groups are in a hierarchy. */
export function placeIn(hierarchy: string, key: string): string {
  return `${hierarchy}/bootagent/${key}`
}

/** Where an attempt's group is, in a place. */
export function pathOf(place: string, group: Group): string {
  return `${agentPath(place, group.agent)}/${group.attempt}`
}

function agentPath(place: string, agent: string): string {
  return `${place}/${agent}.agent`
}

/** The attempts of an agent that have a group in a place. */
export function attemptsIn(place: string, agent: string): string[] {
  return groupsIn(agentPath(place, agent))
}

/** The processes in a group and in those below it; the kernel leaves zombies out. */
export function processesIn(path: string): number[] {
  const own = (readKernel(`${path}/cgroup.procs`)?.split('\n') ?? []).map(Number)
  // 0 is a process that has no pid here, and would be our own process group to kill(2); 1 and ourselves are nobody's to end.
  const ours = own.filter((pid) => pid > 1 && pid !== process.pid)
  return [...ours, ...groupsIn(path).flatMap((name) => processesIn(`${path}/${name}`))]
}

/** Removes a group from a place, and those above it that are empty by that; false when it has processes, or the kernel is not done. */
export function removeFrom(place: string, group: Group): boolean {
  const gone = removeTree(pathOf(place, group))
  // Whoever still needs one of these has a group in it, and then it stays.
  if (gone && removeGroup(agentPath(place, group.agent))) sweepPlace(place)
  return gone
}

/** Removes a place and the one above it, where they are empty. */
export function sweepPlace(place: string): void {
  if (removeGroup(place)) removeGroup(place.slice(0, place.lastIndexOf('/')))
}

function removeTree(path: string): boolean {
  const below = groupsIn(path).map((name) => removeTree(`${path}/${name}`))
  return !below.includes(false) && removeGroup(path)
}

/** How a group is made to stand still, so that nothing in it can fork while it is killed. */
export interface Brake {
  readonly file: string
  readonly on: string
  readonly off: string
  readonly holds: () => boolean
}

/** The freezer of v1. */
export function brakeV1(path: string): Brake {
  const file = `${path}/freezer.state`
  return { file, on: 'FROZEN', off: 'THAWED', holds: () => readKernel(file) === 'FROZEN' }
}

/** The freezer built into v2, from Linux 5.2 on. */
export function brakeV2(path: string): Brake {
  const holds = () => readKernel(`${path}/cgroup.events`)?.includes('frozen 1') === true
  return { file: `${path}/cgroup.freeze`, on: '1', off: '0', holds }
}

/** Looks while a group comes to stand: microseconds, but for a process that waits in the kernel, and that forks nothing meanwhile. */
const LOOKS = 2000
/** Rounds of killing where something may still move: each finds what was forked during the one before. */
const ROUNDS = 100

/** KILL to everything in a group but `spare`: at once by the kernel (Linux 5.14), else one by one while all stand still. */
export function killGroup(path: string, brake: Brake, spare?: number): void {
  const spared = spare !== undefined && processesIn(path).includes(spare)
  if (!spared && writeKernel(`${path}/cgroup.kill`, '1') === undefined) return
  try {
    const rounds = pull(brake) ? 1 : ROUNDS
    for (let round = 0; round < rounds; round += 1) {
      const left = processesIn(path).filter((pid) => pid !== spare)
      if (left.length === 0) return
      left.forEach(kill)
    }
  } finally {
    // What was killed while it stood dies now; what a BootAgent left standing when it was killed right here goes on as well.
    writeKernel(brake.file, brake.off)
  }
}

/** True when everything stands. */
function pull(brake: Brake): boolean {
  if (writeKernel(brake.file, brake.on) !== undefined) return false
  let looks = 0
  while (looks < LOOKS && !brake.holds()) looks += 1
  return looks < LOOKS
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // Gone since the look; or not ours to signal, and then it is still there for the next look.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
