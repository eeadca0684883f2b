import { rmSync } from 'node:fs'
import process from 'node:process'
import { groupsOf, placeOf, removePlace } from './measure/control-groups.ts'
import { processesOf } from './measure/processes-of.ts'

/**
 * Kills every process that has the directory in its environment, and removes it with their control groups. In one go and without awaiting
 * anything: it must also work in the last moment of a process.
 */
export function clearDirectory(directory: string): void {
  const places = new Set<string>()
  for (let round = 0; round < ROUNDS; round += 1) {
    const left = processesOf(directory)
    if (left.length === 0) break
    for (const { pid } of left) for (const group of groupsOf(pid)) places.add(placeOf(group) ?? '')
    for (const { pid } of left) kill(pid)
    // Those that were just forking are found the next time.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
  }
  places.delete('')
  for (const place of places) removePlace(place)
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
}

/** What cannot die must not hold up the rest. */
const ROUNDS = 500

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
