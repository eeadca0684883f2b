import { statSync } from 'node:fs'
import { openLog } from '@bootagent/runtime'
import { fail, type Finding, ok } from './finding.ts'

/**
 * Writes what was found to the log that `-L` names, a line each after those that are there, and tells whether that could be done. The
 * file is never moved aside: it may be the log of a BootAgent that runs.
 */
export function logFindings(path: string, findings: readonly Finding[]): Finding {
  try {
    const log = openLog({ level: 'info', file: path, maxBytes: Number.POSITIVE_INFINITY })
    for (const finding of findings) {
      const before = statSync(path).size
      log.info({ kind: 'tested', ...finding }, finding.text)
      // A log drops what a full disk does not take, and says nothing.
      if (statSync(path).size === before) return { check: 'log', ...fail(`${path} takes no lines`, 'make room on its disk') }
    }
    return { check: 'log', ...ok(`${path} takes lines: these`) }
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    return { check: 'log', ...fail(`${path} cannot be written (${error.message})`, 'name another file with -L') }
  }
}
