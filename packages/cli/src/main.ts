#!/usr/bin/env node
import { letReadersGo, systemClock } from '@bootagent/runtime'
import process from 'node:process'
import { run } from './run.ts'

const interrupt = new AbortController()
// Once: whoever presses Ctrl-C again wants the end now, and gets the system's.
process.once('SIGINT', () => interrupt.abort())
// The work that was read about goes on, and the exit code tells of that.
letReadersGo([process.stdout, process.stderr])

// Not awaited: an executable is built of this as CommonJS, which cannot wait at its top.
void run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  clock: systemClock,
  interrupt: interrupt.signal,
}).then((code) => {
  process.exitCode = code
})
