#!/usr/bin/env node
import process from 'node:process'
import { openLog, RuntimeError } from '@bootagent/runtime'
import { CommanderError } from 'commander'
import { createServer } from './compose.ts'
import { type CommandLine, readCommandLine } from './config.ts'
import { ServerError } from './errors.ts'
import { readToken } from './http/auth.ts'

/** What the program ends with. */
const EXIT = { done: 0, failed: 1, usage: 2 } as const

// Not awaited: an executable is built of this as CommonJS, which cannot wait at its top.
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code
})

async function main(argv: readonly string[]): Promise<number> {
  try {
    await run(readCommandLine(argv))
    return EXIT.done
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
    const expected = error instanceof ServerError || error instanceof RuntimeError
    process.stderr.write(`bootserver: ${expected ? error.message : (error as Error).stack}\n`)
    return EXIT.failed
  }
}

async function run({ config, tokenFile, log: settings }: CommandLine): Promise<void> {
  // What is kept here is nobody else's to read, also in a data directory that somebody made beforehand.
  process.umask(0o077)
  const log = openLog(settings)
  const token = tokenFile === undefined ? undefined : await readToken(tokenFile)
  const server = createServer({ ...config, token }, { log })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void server.stop())
  await server.start()
  await server.ended
  log.info('stopped')
}
