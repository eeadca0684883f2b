import type { Program } from '../../scripts/demo/program.ts'
import type { Case, Cell } from './cell.ts'
import { clearAway } from './evidence.ts'
import { judge, judgeEnding } from './judge.ts'
import { beginHost, isReport, type Lab, order, result } from './lab.ts'
import { lookAtHost } from './look.ts'
import { lookAtProcesses } from './oracle.ts'
import { PROGRAMS } from './packages.ts'
import { commandOf, SCENARIOS, type Scenario } from './scenarios.ts'
import { attach, type Injection } from './tracer.ts'

type Fault = Omit<Injection, 'nth' | 'path'> & {
  readonly ofMetafile?: boolean
  /** The only scenario in which a sample has it; all of them when absent. */
  readonly sampledIn?: string
}

/** What is done to a host in each scenario, at the first of its calls, at the second, and so on until a job passes unharmed. */
const FAULTS: readonly Fault[] = [
  { thread: 'disk', call: 'rename', effect: 'KILL' },
  { thread: 'disk', call: 'fsync', effect: 'KILL' },
  { thread: 'disk', call: 'write', effect: 'KILL', ofMetafile: true },
  { thread: 'disk', call: 'unlink', effect: 'KILL' },
  { thread: 'disk', call: 'link', effect: 'KILL' },
  { thread: 'disk', call: 'symlink', effect: 'KILL' },
  { thread: 'disk', call: 'mkdir', effect: 'KILL' },
  { thread: 'disk', call: 'rmdir', effect: 'KILL' },
  { thread: 'disk', call: 'openat', effect: 'KILL' },
  { thread: 'main', call: 'mkdir', effect: 'KILL' },
  { thread: 'main', call: 'rename', effect: 'KILL' },
  { thread: 'disk', call: 'openat', effect: 'ENOSPC' },
  { thread: 'disk', call: 'write', effect: 'ENOSPC', ofMetafile: true },
  { thread: 'disk', call: 'mkdir', effect: 'ENOSPC' },
  { thread: 'disk', call: 'rename', effect: 'ENOSPC' },
  { thread: 'disk', call: 'symlink', effect: 'ENOSPC' },
  { thread: 'main', call: 'mkdir', effect: 'ENOSPC' },
  { thread: 'disk', call: 'openat', effect: 'ENOSPC', onward: true },
  { thread: 'disk', call: 'fsync', effect: 'EIO' },
  { thread: 'disk', call: 'fsync', effect: 'EIO', onward: true },
  { thread: 'disk', call: 'rename', effect: 'EIO' },
  { thread: 'disk', call: 'unlink', effect: 'EIO' },
  { thread: 'disk', call: 'close', effect: 'EIO' },
  { thread: 'disk', call: 'openat', effect: 'EMFILE' },
  { thread: 'main', call: 'openat', effect: 'EMFILE', sampledIn: 'install' },
  { thread: 'disk', call: 'openat', effect: 'ENFILE', onward: true, sampledIn: 'install' },
  { thread: 'main', call: 'openat', effect: 'ENFILE', onward: true, sampledIn: 'install' },
]

/** A sample has the first of a sweep's cases and, for each sweep another, one of those that follow. */
const SAMPLED = [5, 2, 8, 3, 11, 6]

/** Every scenario under every fault. */
export const SWEEPS: readonly Cell[] = SCENARIOS.flatMap((scenario) =>
  FAULTS.map((fault, nth) => sweepOf(scenario, fault, SAMPLED[nth % SAMPLED.length] ?? 1)),
)

function sweepOf(scenario: Scenario, fault: Fault, sampled: number): Cell {
  return {
    scenario: scenario.name,
    fault: nameOf(fault),
    needs: 'tracing',
    async *cases(lab, { sample }) {
      if (sample && (fault.sampledIn ?? scenario.name) !== scenario.name) return
      for (let nth = 1; nth <= (sample ? sampled : Infinity); nth += sample ? sampled - 1 : 1) {
        const found = await suffer(lab, scenario, { ...fault, nth })
        yield found
        if (!found.fired) return
      }
    },
  }
}

function nameOf({ thread, call, effect, ofMetafile, onward }: Fault): string {
  const what = effect === 'KILL' ? 'killed at' : `${effect} ${onward === true ? 'from' : 'at'}`
  return `${what} ${call}${ofMetafile === true ? ' of the metafile' : ''}${thread === 'main' ? ' (main)' : ''}`
}

/** One job under one fault, and what has become of the host. Its home stays for looking at when it has not survived. */
async function suffer(
  lab: Lab,
  scenario: Scenario,
  { ofMetafile, ...injection }: Fault & { readonly nth: number },
): Promise<Case> {
  const agentsn =
    `${scenario.name}-${nameOf({ ...injection, ...(ofMetafile === undefined ? {} : { ofMetafile }) })}-${injection.nth}`.replaceAll(
      /[^a-zA-Z0-9]+/g,
      '-',
    )
  const home = lab.fleet.homeOf(agentsn)
  const first = await beginHost(lab, agentsn, scenario)
  const path = `${home}/tmp/.metafile.json.new`
  const tracer = await attach(first.pid, { ...injection, ...(ofMetafile === true ? { path } : {}) }, `${home}.strace`)
  const job = await order(lab, agentsn, scenario.request)
  const ending = await endingOf(first, job)
  const fired = await tracer.stop()
  const died = ending !== 'alive'
  const host = died ? lab.startHost(agentsn, {}, scenario.like) : first
  const told = await result(lab, host, { agentsn, job })
  if ((told.state === 'succeeded' ? scenario.after : scenario.before).version !== null) await untilItRuns(host, home)
  const facts = lookAtHost(home, lab.contents, job)
  const killed = injection.effect === 'KILL'
  const problems = [
    ...judge(scenario, told, facts),
    ...(killed || !fired ? judgeEnding(scenario, told) : []),
    ...(died === (killed && fired) ? [] : [`BootAgent is ${ending}`]),
  ]
  await host.stop()
  const outcome = told.state === 'succeeded' ? told.state : `${told.errcode} ${told.message}`
  return { name: agentsn, fired, outcome, problems: clearAway(lab, { agentsn }, problems) }
}

/** An agent that could not be looked at is looked at again within seconds, and is down as long where it was being stopped. */
async function untilItRuns(host: Program, home: string): Promise<void> {
  while (!lookAtProcesses(home).some(({ command }) => COMMANDS.includes(command))) await host.nextLine(isReport)
}

/** What a process is called once it is its program, and no longer the shell that becomes it. */
const COMMANDS = Object.keys(PROGRAMS).map(commandOf)

/**
 * Until the job has an end, or could not even be noted down, or BootAgent is gone. A host that cannot write at all does not even take
 * the job: it is silent again and again. Where supervision can no longer write, a trial goes on: that a release
 * has failed is judged once it can be put on record.
 */
async function endingOf(host: Program, job: string): Promise<string> {
  let silent = 0
  const done = host.line(
    (line) =>
      (line['kind'] === 'job-done' && line['job'] === job) ||
      line['kind'] === 'job-postponed' ||
      String(line['msg']).startsWith('the metafile cannot be written') ||
      (line['kind'] === 'not-reported' && ++silent === 3),
  )
  const told = done.then(() => host.nextLine((line) => isReport(line) || line['kind'] === 'not-reported'))
  return Promise.race([host.ended, told.then(() => 'alive').catch(() => host.ended)])
}
