import { chmodSync, copyFileSync, existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { PACKAGE_FD } from '../../packages/bootagent/src/worker/open-package.ts'
import type { Case, Cell } from './cell.ts'
import { clearAway } from './evidence.ts'
import { judge } from './judge.ts'
import { beginHost, isReport, type Lab, order, result } from './lab.ts'
import { lookAtHost } from './look.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'
import { hasFired, type Injection, optionsOf } from './tracer.ts'

/** A worker is known by the directory it works in. */
type Worker = 'download' | 'verify' | 'unpack'
type Fault = { readonly worker: Worker } & Pick<Injection, 'call' | 'effect'>

/**
 * What each of them writes of the package, in words of the shell: a full disk is met there, and not where a worker talks to the daemon.
 * Who fetches was given the file open.
 */
const WRITTEN: Readonly<Record<Worker, readonly string[]>> = {
  download: [`"$(readlink /proc/$$/fd/${PACKAGE_FD})"`],
  verify: [],
  unpack: ['"$PWD/tiny"', '"$PWD/lib/data"'],
}

/** What is done to a worker at the first of its calls, at the second, and so on, until one passes unharmed. */
const FAULTS: readonly Fault[] = [
  { worker: 'download', call: 'write', effect: 'KILL' },
  { worker: 'download', call: 'write', effect: 'ENOSPC' },
  { worker: 'download', call: 'fsync', effect: 'KILL' },
  { worker: 'download', call: 'fsync', effect: 'EIO' },
  { worker: 'unpack', call: 'write', effect: 'KILL' },
  { worker: 'unpack', call: 'write', effect: 'ENOSPC' },
  { worker: 'unpack', call: 'mkdir', effect: 'KILL' },
  { worker: 'unpack', call: 'mkdir', effect: 'ENOSPC' },
  { worker: 'unpack', call: 'symlink', effect: 'KILL' },
  { worker: 'unpack', call: 'symlink', effect: 'ENOSPC' },
]

/** An install and an upgrade under the death, or the trouble, of whoever works for the daemon. */
export const WORKER_FAULTS: readonly Cell[] = SCENARIOS.filter(({ name }) => ['install', 'upgrade'].includes(name)).flatMap(
  (scenario) => FAULTS.map((fault) => cellOf(scenario, fault)),
)

function cellOf(scenario: Scenario, fault: Fault): Cell {
  const what = fault.effect === 'KILL' ? 'killed at' : `${fault.effect} at`
  return {
    scenario: scenario.name,
    fault: `the ${fault.worker} worker ${what} ${fault.call}`,
    needs: 'tracing',
    async *cases(lab, { sample }) {
      for (let nth = 1; nth <= (sample ? 1 : Infinity); nth++) {
        const found = await suffer(lab, scenario, { ...fault, nth })
        // Each of these calls is made in each of these scenarios: a row without a case would have tried nothing.
        yield found.fired || nth > 1 ? found : { ...found, fired: true, problems: [...found.problems, 'no such call was hit'] }
        if (!found.fired) return
      }
    },
  }
}

async function suffer(lab: Lab, scenario: Scenario, fault: Fault & { readonly nth: number }): Promise<Case> {
  const { worker, call, effect, nth } = fault
  const agentsn = `${scenario.name}-${worker}-${effect}-${call}-${nth}`
  const home = lab.fleet.homeOf(agentsn)
  const node = `${home}.node`
  // Under a name of its own, so that only its workers are other than it.
  if (!existsSync(node)) linkOrCopy(process.execPath, node)
  const like = { ...scenario.like, node }
  const host = await beginHost(lab, agentsn, { from: scenario.from, like })
  putBetween(node, { thread: 'main', call, effect, nth }, { worker, log: `${home}.strace` })
  const job = await order(lab, agentsn, scenario.request)
  const ending = await Promise.race([
    host.ended,
    host
      .line((line) => line['kind'] === 'job-done' || line['kind'] === 'job-postponed')
      .then(() => host.nextLine(isReport))
      .then(() => 'alive'),
  ])
  rmSync(node)
  const fired = wasHit(fault, `${home}.strace`)
  const told = await result(lab, host, { agentsn, job })
  const problems = [
    // Of a worker that was killed there is no other reason to tell.
    ...judge(scenario, told, lookAtHost(home, lab.contents, job), { internal: effect === 'KILL' }),
    ...(ending === 'alive' ? [] : [ending]),
    ...(fired === (told.state === 'failed')
      ? []
      : [`the worker was ${fired ? '' : 'not '}hit, and the job ${told.state}: ${told.message}`]),
  ]
  await host.stop()
  const outcome = told.state === 'succeeded' ? told.state : `${told.errcode} ${told.message}`
  return { name: agentsn, fired, outcome, problems: clearAway(lab, { agentsn }, problems) }
}

/** From now on whoever is started by this name is a worker; the one that is meant is started behind strace. */
function putBetween(node: string, injection: Injection, { worker, log }: { worker: Worker; log: string }): void {
  const options = optionsOf(injection).map((each) => `'${each}'`)
  const files = injection.call === 'write' && injection.effect !== 'KILL' ? WRITTEN[worker].map((word) => `-P ${word}`) : []
  const script = `#!/bin/sh
case "$PWD" in
*/${worker}-*) UV_THREADPOOL_SIZE=1 exec strace -f ${[...options, ...files].join(' ')} -o '${log}' '${process.execPath}' "$@" ;;
*) exec '${process.execPath}' "$@" ;;
esac
`
  writeFileSync(`${node}.new`, script)
  chmodSync(`${node}.new`, 0o755)
  renameSync(`${node}.new`, node)
}

function wasHit(fault: Fault & { readonly nth: number }, log: string): boolean {
  if (!existsSync(log)) return false
  const lines = readFileSync(log, 'latin1').split('\n')
  const ofDisk = fault.effect === 'KILL' ? lines : lines.filter((line) => !LAST_WORDS.test(line))
  return hasFired({ ...fault, thread: 'main' }, ofDisk.join('\n'))
}

/** At its end Node syncs its output, which is a pipe to the daemon: that no disk takes it harms nobody. */
const LAST_WORDS = / fsync\([12]\) /

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    copyFileSync(from, to)
  }
}
