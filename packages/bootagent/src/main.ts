#!/usr/bin/env node
import process from 'node:process'
import { letReadersGo, RuntimeError } from '@bootagent/runtime'
import { buildInfo } from './build-info.ts'
import { BootAgentError, EXIT_CODES } from './errors.ts'
import { keepYoungSpaceSmall } from './local/lean-heap.ts'
import { readOptions } from './local/options.ts'

/** This file, by which a checkout runs the program again; an executable has none, and is run by its own path. */
const MAIN: string | undefined = import.meta.filename

letReadersGo([process.stdout, process.stderr])
// Not awaited: an executable is built of this as CommonJS, which cannot wait at its top.
void main(process.argv.slice(2))
  .catch(explain)
  .then((code) => {
    process.exitCode = code
  })

/** Each command is loaded when it is asked for: what the worker needs must never be in the resident daemon's memory. */
async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === 'worker') return (await import('./worker/run-worker.ts')).runWorker(argv[1])
  const reading = readOptions(argv, buildInfo(), (text) => process.stdout.write(text))
  if (reading.kind === 'printed') return 0
  const { options } = reading
  const program = { build: buildInfo(), main: MAIN }
  switch (options.command) {
    case 'inspect':
      return (await import('./local/inspect.ts')).inspect(options)
    case 'status':
      return (await import('./local/status.ts')).status(options, buildInfo().version)
    case 'why':
      return (await import('./local/why.ts')).why(options, buildInfo().version)
    case 'logs':
      return (await import('./local/logs.ts')).logs(options)
    case 'start':
    case 'stop':
    case 'restart':
      if (options.agent === undefined)
        return (await import('./local/daemon/daemon-command.ts')).daemonCommand(options, options.command, program)
      return (await import('./local/give-order.ts')).giveOrder(options, options.command)
    case 'version':
    case 'install-service':
    case 'uninstall-service':
      return (await import('./local/daemon/daemon-command.ts')).daemonCommand(options, options.command, program)
    case 'reset':
      return (await import('./local/give-order.ts')).giveOrder(options, options.command)
    case 'test':
      return (await import('./local/check/test-host.ts')).testHost(options, buildInfo())
    default:
      if (!options.foreground) return (await import('./local/background.ts')).runInBackground(options, MAIN)
      keepYoungSpaceSmall()
      return (await import('./run.ts')).run(options, buildInfo(), MAIN)
  }
}

function explain(error: unknown): number {
  if (error instanceof BootAgentError) {
    process.stderr.write(`bootagent: ${error.message}\n`)
    return EXIT_CODES[error.code]
  }
  if (error instanceof RuntimeError) {
    process.stderr.write(`bootagent: ${error.message}\n`)
    return EXIT_CODES['home-unusable']
  }
  process.stderr.write(`bootagent: ${error instanceof Error ? error.stack : String(error)}\n`)
  return 1
}
