import process from 'node:process'
import { environmentOf, startDaemon } from './contender.ts'

/** The floor: a Node that does nothing, as one `setInterval` does nothing. Answers with its pid. */
export function startBareNode(directory: string): number {
  return startDaemon({
    command: process.execPath,
    args: ['-e', 'setInterval(() => undefined, 60000)'],
    output: `${directory}/output`,
    env: environmentOf(directory),
  })
}
