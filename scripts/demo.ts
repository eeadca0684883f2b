/**
 * `npm run demo`: a server, a host and an agent, from nothing to running, each stage shown as it happens.
 *
 *     --once   end by itself once the agent runs     --keep   leave all of it running     --json   one event a line, for machines
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { type Program, startProgram } from './demo/program.ts'
import { createStage } from './demo/stage.ts'
import { clearGroups } from './demo/clear-groups.ts'
import { endAgentsOf } from './demo/end-agents.ts'

const { values: options } = parseArgs({
  options: { once: { type: 'boolean' }, keep: { type: 'boolean' }, json: { type: 'boolean' } },
})
/** A pace for people who watch; a real host reports every ten minutes and watches a release for one. */
const DEMO_PACE = { step: 1, stepMin: 1, retry: 1, gap: 0.2, trial: 2 }

const root = join(import.meta.dirname, '..')
const stage = createStage(options.json === true)
const home = mkdtempSync(join(tmpdir(), 'bootagent-demo-'))
const running: Program[] = []
const interrupted = Promise.withResolvers<'interrupted'>()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.resolve('interrupted'))

// Looked at by whoever waits for it; when nobody does any more, there is nobody to tell.
interrupted.promise.catch(() => undefined)

process.exitCode = await main()

async function main(): Promise<number> {
  try {
    const outcome = await Promise.race([play(), interrupted.promise])
    if (outcome === 'left running') return 0
    if (outcome === 'played' && options.once !== true) await interrupted.promise
    await end()
    rmSync(home, { recursive: true, force: true })
    stage.say('ended', 'nothing is left')
    return 0
  } catch (error) {
    stage.say('failed', (error as Error).message)
    await end()
    // What the programs said is what tells why.
    stage.say('ended', `nothing runs any more; ${home} is kept to look into`)
    return 1
  }
}

async function play(): Promise<'played' | 'left running'> {
  const server = start('server', ['packages/server/src/main.ts', '--listen', '127.0.0.1:0', '--data', `${home}/server`])
  const url = String((await server.line((line) => line['msg'] === 'listening'))['url'])
  stage.say('server', `listens on ${url}, with its embedded database in ${home}/server`)

  writeFileSync(`${home}/bootagent.json`, JSON.stringify(DEMO_PACE))
  const bootagent = start('bootagent', [
    'packages/bootagent/src/main.ts',
    '-f',
    '--home',
    `${home}/host`,
    '-c',
    `${home}/bootagent.json`,
    '-S',
    url,
  ])
  bootagent.onLine((line) => stage.tell(line))
  const { agentsn } = await bootagent.line((line) => line['kind'] === 'registered')

  const file =
    execFileSync(join(root, 'contrib/sample-agent/pack.sh'), [home], { encoding: 'utf8' }).trim().split('\n').at(-1) ?? ''
  bootfleet(url, ['publish', file])
  stage.say('published', `${file.split('/').at(-1)} to the server`)
  const job = JSON.parse(bootfleet(url, ['install', 'sample-agent', '--host', String(agentsn), '--json'])) as { id: string }
  const done = await bootagent.line((line) => line['kind'] === 'job-done' && line['job'] === job.id)
  const { errcode, message } = done['result'] as { errcode: number; message: string }
  if (errcode !== 0) throw new Error(`the install job ended with errcode ${errcode}: ${message}`)
  await bootagent.line((line) => line['kind'] === 'reported' && Number(line['results']) > 0)

  stage.table(bootfleet(url, ['hosts', ...(options.json === true ? ['--json'] : [])]))
  stage.lookFurther(home, url, {
    keep: options.keep === true,
    once: options.once === true,
    pids: running.map((program) => program.pid),
  })
  if (options.keep !== true) return 'played'
  for (const program of running) program.letGo()
  return 'left running'
}

function start(name: string, args: string[]): Program {
  const program = startProgram(name, { command: process.execPath, args, cwd: root, output: `${home}/${name}.log` })
  running.push(program)
  // Ended by us it is told too late to matter; ended by itself it ends the story, and the story says why.
  void program.ended.then((why) => interrupted.reject(new Error(why)))
  return program
}

function bootfleet(url: string, args: string[]): string {
  const env = { ...process.env, BOOTFLEET_SERVER: url, NO_COLOR: process.stdout.isTTY ? '' : '1' }
  return execFileSync(process.execPath, ['packages/cli/src/main.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

/** The host goes before its server, and its agents after it: it would start them again. */
async function end(): Promise<void> {
  stage.say('ending', 'host, agents and server')
  for (const program of running.toReversed()) await program.stop()
  endAgentsOf(home)
  await clearGroups(home)
}
