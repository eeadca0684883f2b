import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CommandTemplate, fillCommand } from '../command.ts'
import { type BootagentProcess, startBootagent } from './bootagent-process.ts'
import { createInbox } from './inbox.ts'
import { type Asked, openSeedServer, type SeedServer } from './seed-server.ts'

/** What a case plays on: one host, the servers it may ask, and what it asks them. */
export interface Stage {
  /** The case's own; gone after it. */
  readonly directory: string
  /** One more server, on a free port of 127.0.0.1 unless told where. */
  listen(at?: { host: string; port: number }): Promise<SeedServer>
  /** Starts the BootAgent with a server list, always on the same home. */
  start(list: string): void
  /** Kill -9. */
  kill(): Promise<void>
  /** The next request to any of the servers, in the order they came. */
  next(awaited: string): Promise<Asked>
  /** Ends everything and removes the directory. */
  clear(): Promise<void>
}

/** A pace to test at: what takes minutes on a real host takes tenths of a second. In seconds, in BootAgent's own words for them. */
const PACE = { stepMin: 0.1, step: 0.2, retry: 0.2, gap: 0.05, trial: 0.3, connect: 2, exchange: 2 }

/** Sets a stage for one case; after `patience` milliseconds, or when the BootAgent ends by itself, whoever waits is told so. */
export async function setStage(command: CommandTemplate, patience: number): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'conformance-agent-'))
  const config = join(directory, 'config.json')
  await writeFile(config, JSON.stringify(PACE))
  const over = new AbortController()
  const timer = setTimeout(() => over.abort(new Error(`${patience / 1000} s have passed`)), patience)
  const inbox = createInbox<Asked>(over.signal)
  const servers: SeedServer[] = []
  let bootagent: BootagentProcess | undefined

  async function kill(): Promise<void> {
    const running = bootagent
    bootagent = undefined
    await running?.kill()
  }

  return {
    directory,
    async listen(at) {
      const server = await openSeedServer(inbox, at)
      servers.push(server)
      return server
    },
    start(list) {
      const values = { home: join(directory, 'home'), config, servers: list }
      const started = startBootagent(fillCommand(command, values), join(directory, 'output'))
      bootagent = started
      void started.ended.then((how) => {
        if (bootagent === started) over.abort(new Error(how))
      })
    },
    kill,
    next: (awaited) => inbox.take(awaited),
    async clear() {
      clearTimeout(timer)
      await kill()
      for (const server of servers) await server.close()
      // The tiny agent may be writing its last line.
      await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
    },
  }
}
