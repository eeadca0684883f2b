import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { followLog } from '../measure/log-tail.ts'
import { sleepOf } from '../measure/processes-of.ts'
import type { SupervisordProgram } from '../setup/supervisord-program.ts'
import { agentName, type Contender, environmentOf, numbers, type Stand, startDaemon } from './contender.ts'

const run = promisify(execFile)

/** supervisord with a configuration, a socket and a log of its own. */
export function openSupervisordContender(
  { directory, agents }: Stand,
  { supervisord, supervisorctl, version }: SupervisordProgram,
): Contender {
  const config = `${directory}/supervisord.conf`
  writeFileSync(config, configOf(directory, agents))
  const env = environmentOf(directory)
  const log = followLog(`${directory}/supervisord.log`)
  let pid = 0

  async function bring(): Promise<void> {
    const running = log.next('entered RUNNING', (line) => line.includes('entered RUNNING state'), { count: agents })
    pid = startDaemon({ command: supervisord, args: ['-n', '-c', config], output: `${directory}/output`, env })
    await running
  }

  return {
    name: 'supervisord',
    version,
    directory,
    start: bring,
    secure: () => Promise.resolve(),
    recover: bring,
    daemon: () => pid,
    noticesEnd: (agent) => log.next('exited', (line) => line.includes(`exited: ${agentName(agent)} `)),
    async inHand() {
      const { stdout } = await run(supervisorctl, ['-c', config, 'pid', 'all'], { env })
      return stdout.trim().split('\n').map(Number)
    },
    close: () => Promise.resolve(log.close()),
  }
}

/** No startsecs: an agent counts as running as soon as it does, as with the others. */
function configOf(directory: string, agents: number): string {
  const programs = numbers(agents).map(
    (number) => `[program:${agentName(number)}]\ncommand=/bin/sleep ${sleepOf(number)}\nstartsecs=0\n`,
  )
  return `[unix_http_server]
file=${directory}/supervisor.sock
[supervisord]
logfile=${directory}/supervisord.log
logfile_maxbytes=0
pidfile=${directory}/supervisord.pid
childlogdir=${directory}
nodaemon=true
user=root
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://${directory}/supervisor.sock
${programs.join('')}`
}
