import { type Log, RuntimeError } from '@bootagent/runtime'
import { presentable } from '../logs/presentable.ts'
import { readTailSync } from '../logs/read-tail.ts'

/** Lines that go with the record of an abnormal exit. */
const LINES = 30

/** The end of an agent's log, fit for an event. A log that cannot be read is no reason not to record an exit. */
export function lastWords(directory: string, log: Log): string[] {
  try {
    return presentable(readTailSync(directory, LINES))
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error
    log.warn({ err: error, directory }, 'the last lines of an agent cannot be read')
    return []
  }
}
