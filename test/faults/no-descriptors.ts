import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import type { Line, Program } from '../../scripts/demo/program.ts'
import type { Case, Cell } from './cell.ts'
import { clearAway } from './evidence.ts'
import { judge } from './judge.ts'
import { beginHost, isReport, type Lab, order, result } from './lab.ts'
import { lookAtHost } from './look.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'
import { whileItStands } from './stand-still.ts'

/** The steps at whose begin a host is left with the descriptors it has open, and not one more: no file, no socket, no pipe. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  install: ['download', 'verify', 'unpack', 'activate', 'start', 'watch'],
  upgrade: ['download', 'unpack', 'stop', 'activate', 'start', 'watch'],
  'upgrade and back': ['start', 'watch'],
  rollback: ['stop', 'activate', 'start', 'watch'],
  uninstall: ['stop', 'remove'],
  settings: ['put-files', 'await-free', 'stop', 'start'],
}

/** Each scenario without descriptors from each of its steps on, until the job has failed or rests; a sample has the unpacking only. */
export const NO_DESCRIPTORS: readonly Cell[] = SCENARIOS.map((scenario) => ({
  scenario: scenario.name,
  fault: 'no descriptors',
  needs: 'descriptors',
  async *cases(lab, { sample }) {
    const steps = STEPS[scenario.name] ?? []
    for (const step of steps) if (!sample || step === 'unpack') yield await suffer(lab, scenario, step)
  },
}))

async function suffer(lab: Lab, scenario: Scenario, step: string): Promise<Case> {
  const agentsn = `${scenario.name}-no-descriptors-${step}`.replaceAll(' ', '-')
  const host = await beginHost(lab, agentsn, { ...scenario, env: { BOOTAGENT_STOP_AT: `${step}:before` } })
  const atStep = host.nextLine((line) => line['kind'] === 'step-begun' && line['step'] === step)
  const job = await order(lab, agentsn, scenario.request)
  await atStep
  const lift = await whileItStands(host.pid, () => leaveNone(host.pid))
  const ending = await endingOf(host, job)
  if (ending === 'alive') lift()
  // It says itself what it could not have.
  const fired = readFileSync(`${lab.fleet.homeOf(agentsn)}.log`, 'utf8').includes('EMFILE')
  const living = ending === 'alive' ? host : lab.startHost(agentsn, {}, scenario.like)
  const told = await result(lab, living, { agentsn, job })
  const problems = [
    ...judge(scenario, told, lookAtHost(lab.fleet.homeOf(agentsn), lab.contents, job)),
    ...(ending === 'alive' ? [] : [ending]),
  ]
  await living.stop()
  const outcome = told.state === 'succeeded' ? told.state : `${told.errcode} ${told.message}`
  return { name: agentsn, fired, outcome, problems: clearAway(lab, { agentsn }, problems) }
}

/** Makes the lowest descriptor that is free the first that is not to be had. Answers how to take that back. */
function leaveNone(pid: number): () => void {
  const open = new Set(readdirSync(`/proc/${pid}/fd`).map(Number))
  let free = 0
  while (open.has(free)) free += 1
  const before = /^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'latin1'))?.[1] ?? ''
  const limit = (most: number | string) => execFileSync('prlimit', ['--pid', String(pid), `--nofile=${most}:`])
  limit(free)
  return () => limit(before)
}

/** Until the job has an end or rests, or nothing could be told for a while: a host that has no sockets tells nobody anything. */
async function endingOf(host: Program, job: string): Promise<string> {
  let silent = 0
  const isEnd = (line: Line) =>
    (line['kind'] === 'job-done' && line['job'] === job) ||
    line['kind'] === 'job-postponed' ||
    (line['kind'] === 'not-reported' && ++silent === SILENT)
  const seen = host.line(isEnd).then(() => host.nextLine((line) => isReport(line) || line['kind'] === 'not-reported'))
  return Promise.race([host.ended, seen.then(() => 'alive').catch(() => host.ended)])
}

/** Reports that came to nothing; each is some rest of the host's. */
const SILENT = 8
