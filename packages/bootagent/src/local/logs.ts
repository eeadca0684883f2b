import process from 'node:process'
import { systemClock } from '@bootagent/runtime'
import { followLog } from '../logs/follow.ts'
import { createLinePrinter } from '../logs/line-printer.ts'
import { readTail } from '../logs/read-tail.ts'
import { findMetafile } from '../state/metafile.ts'
import { agentPaths, pathsOf } from '../state/paths.ts'
import type { Options } from './options.ts'

/**
 * Prints the end of an agent's output, and with `follow` what it writes from then on, until INT or TERM. It reads the files, with or
 * without a daemon. Exit code 0, or 1 when this host has no such agent.
 */
export async function logs(options: Options): Promise<number> {
  const paths = pathsOf(options.home, options.run)
  const name = options.agent ?? ''
  const found = await findMetafile(paths)
  const names = found.kind === 'absent' ? [] : Object.keys(found.metafile.agents)
  if (!names.includes(name)) {
    const there = names.length === 0 ? 'it has no agents' : `there are: ${names.join(', ')}`
    process.stderr.write(`bootagent: this host has no agent ${name}; ${there}\n`)
    return 1
  }
  const directory = agentPaths(paths, name).log
  const printer = createLinePrinter({ agent: name, json: options.json, terminal: process.stdout.isTTY })
  const over = untilEnded()
  const tail = readTail(directory, { lines: options.lines, maxBytes: MOST_BYTES })
  await print(printer.take(tail.bytes), over)
  if (options.follow) {
    const write = (bytes: Buffer) => print(printer.take(bytes), over)
    await followLog({ directory, from: tail, clock: systemClock, write }, over)
  }
  await print(printer.end(), over)
  return 0
}

const MOST_BYTES = 64 * 1024 ** 2

/** Aborted by INT and TERM, and when nobody reads us any more, as in `bootagent logs x -f | head`. */
function untilEnded(): AbortSignal {
  const abort = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort())
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    abort.abort()
  })
  return abort.signal
}

/** Resolves when it is written: a slow reader slows us, and does not fill our memory. */
function print(bytes: Buffer, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (bytes.length === 0 || over.aborted) return resolve()
    const done = () => {
      over.removeEventListener('abort', done)
      resolve()
    }
    over.addEventListener('abort', done)
    process.stdout.write(bytes, done)
  })
}
