import { join } from 'node:path'
import process from 'node:process'
import type { Bench, BenchSettings } from '../bench.ts'
import { type CommandTemplate, parseCommand } from '../command.ts'
import { runClaim } from '../conformance-case.ts'
import { ConformanceError } from '../errors.ts'
import { SERVER_CASES } from './all-cases.ts'
import { type StartedServer, startServer } from './start-server.ts'

const MAIN = join(import.meta.dirname, '../../../packages/server/src/main.ts')

/** This project's own server. */
const OWN_SERVER: CommandTemplate = [process.execPath, MAIN, '--listen', '127.0.0.1:0', '--data', '{data}']

/** Takes the server that runs at a URL, or starts one by a command; all cases are put to this one server. */
export async function openServerBench({ peer, token, patience }: BenchSettings): Promise<Bench> {
  const { url, stop } = await standOrStart(peer, patience)
  return {
    async run(name) {
      const found = SERVER_CASES.find((each) => each.name === name)
      if (found === undefined) throw new ConformanceError('usage', `there is no case ${name}`)
      return runClaim(name, () => found.run({ url, token, signal: AbortSignal.timeout(patience) }))
    },
    close: stop,
  }
}

async function standOrStart(peer: string | undefined, patience: number): Promise<StartedServer> {
  if (peer === undefined) return startServer(OWN_SERVER, patience)
  if (/^https?:/.test(peer)) return { url: peer, stop: async () => undefined }
  return startServer(parseCommand(peer), patience)
}
