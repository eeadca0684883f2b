import { lstatSync } from 'node:fs'
import { dirname } from 'node:path'
import { findingOf } from './finding-of.ts'
import type { Finding, ProbeSubject } from './probe.ts'
import { readyFileOf } from './ready-file.ts'

/** Looks whether the agent's ready file is there, whatever it is. It lies in memory, with the rest of its attempt. */
export function probeFile({ directory }: Pick<ProbeSubject, 'directory'>): Finding {
  const file = readyFileOf(directory)
  try {
    if (isThere(file)) return { ok: true }
    if (isThere(dirname(file))) return { ok: false, said: 'is not there' }
    return { ok: false, said: 'cannot be there: somebody has deleted the directory it belongs into', hindered: true }
  } catch (error) {
    if (!isOfSystem(error)) throw error
    return findingOf(error, `cannot be looked at (${error.code})`)
  }
}

/** Never through a link: an agent may make one that leads to where a look does not come back from. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

function isOfSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}
