import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { promisify } from 'node:util'
import { followLog } from '../measure/log-tail.ts'
import { sleepOf } from '../measure/processes-of.ts'
import type { Pm2Program } from '../setup/pm2-program.ts'
import { agentName, type Contender, environmentOf, numbers, type Stand } from './contender.ts'

const run = promisify(execFile)

/** PM2 with a home of its own, run by this very Node. It goes into the background by itself, and is told what to do by its command. */
export function openPm2Contender({ directory, agents }: Stand, { program, version }: Pm2Program): Contender {
  const apps = numbers(agents).map((number) => ({
    name: agentName(number),
    script: '/bin/sleep',
    args: [sleepOf(number)],
    interpreter: 'none',
    // Whatever looks at the script's repository and not at its process is left out.
    vizion: false,
  }))
  writeFileSync(`${directory}/agents.json`, JSON.stringify({ apps }))
  const env = { ...environmentOf(directory), PM2_HOME: directory, PM2_DISABLE_VERSION_CHECK: 'true' }
  const log = followLog(`${directory}/pm2.log`)
  const pm2 = (...args: string[]) => run(process.execPath, [program, ...args], { cwd: directory, env, maxBuffer: 64 * 1024 ** 2 })

  let command: Promise<unknown> = Promise.resolve()

  /** Until all agents are online by its log; the command then still draws a table, which is not timed. */
  async function bring(...args: string[]): Promise<void> {
    const online = log.next('online', (line) => /App \[agent-\d+:\d+\] online$/.test(line), { count: agents })
    command = pm2(...args)
    await Promise.race([online, command.then(() => online)])
  }

  return {
    name: 'PM2',
    version,
    directory,
    start: () => bring('start', 'agents.json'),
    async secure() {
      await command
      await pm2('save')
    },
    recover: () => bring('resurrect'),
    daemon: () => Number(readFileSync(`${directory}/pm2.pid`, 'utf8')),
    noticesEnd: (agent) =>
      log.next('exited', (line) => line.includes(`App [${agentName(agent)}:`) && line.includes('exited with code')),
    async inHand() {
      await command
      const { stdout } = await pm2('jlist', '--silent')
      return (JSON.parse(stdout) as { pid: number }[]).map(({ pid }) => pid)
    },
    close: () => Promise.resolve(log.close()),
  }
}
