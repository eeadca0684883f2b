#!/usr/bin/env node
import { systemClock } from '@bootagent/runtime'
import process from 'node:process'
import { run } from './run.ts'

const interrupt = new AbortController()
// Once: whoever presses Ctrl-C again wants the end now, and gets the system's.
process.once('SIGINT', () => interrupt.abort())
// A reader such as `head` may go early. The work it read about goes on, and the exit code tells of that.
for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe)

process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  clock: systemClock,
  interrupt: interrupt.signal,
})

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
