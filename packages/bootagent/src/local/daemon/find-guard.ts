import { readlinkSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import process from 'node:process'
import { scanProcesses } from '../../supervise/find-processes.ts'
import { isAlive, type ProcessIdentity, type ProcessStat, readProc } from '../../supervise/process-identity.ts'

/**
 * The guard of a home, if one lives: a process of ours that runs `guard HOME …`. The first of them, for what it forks looks the same.
 * A BootAgent knows by its parent whether it is guarded; this is for the time between two.
 */
export function findGuard(home: string): ProcessIdentity | undefined {
  const guards = scanProcesses().filter((each) => isAlive(each) && isGuardOf(each.pid, home) && !isLeftBehind(each))
  const first = guards.find(({ parent }) => !guards.some(({ pid }) => pid === parent))
  return first === undefined ? undefined : { pid: first.pid, started: first.started }
}

/** A guard leads a group, as whatever a service or a terminal starts, or its parent lives; its forks do not once it is dead. */
function isLeftBehind({ pid, parent }: ProcessStat): boolean {
  const stat = readProc(`/proc/${pid}/stat`) ?? ''
  const group = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2])
  return parent === 1 && group !== pid
}

/** `/bin/sh /usr/lib/bootagent/guard HOME SEED …`, its home as it was typed. */
function isGuardOf(pid: number, home: string): boolean {
  const [, program = '', itsHome = ''] = (readProc(`/proc/${pid}/cmdline`) ?? '').split('\0')
  if (!/(?:^|\/)guard$/.test(program)) return false
  try {
    return statSync(`/proc/${pid}`).uid === process.geteuid?.() && resolve(readlinkSync(`/proc/${pid}/cwd`), itsHome) === home
  } catch (error) {
    // It has ended since.
    if (error instanceof Error && 'syscall' in error) return false
    throw error
  }
}
