import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { clearGroups } from '../../scripts/demo/clear-groups.ts'
import type { Line, Program } from '../../scripts/demo/program.ts'
import type { Case, Cell } from './cell.ts'
import { clearAway } from './evidence.ts'
import { judge, judgeEnding } from './judge.ts'
import { isReport, type Lab, order, result, type Told } from './lab.ts'
import { lookAtHost } from './look.ts'
import { lookAtProcesses } from './oracle.ts'
import { digestOf, type OwnLab, type OwnVersion } from './own-lab.ts'
import { FIRST, type Scenario } from './scenarios.ts'
import { whileItStands } from './stand-still.ts'
import { attach, hasFired, type Injection, optionsOf } from './tracer.ts'

/** Who is killed: the old version, from the order to its end; or the new one, from its start to the end of the job. */
type Killed = 'old' | 'new'
type Call = Pick<Injection, 'call'> & { readonly ofMetafile?: boolean }

/** What the thread that works on the disk is killed at: the first of its calls, the second, and so on until the job passes unharmed. */
const CALLS: readonly Call[] = [
  { call: 'rename' },
  { call: 'fsync' },
  { call: 'write', ofMetafile: true },
  { call: 'unlink' },
  { call: 'link' },
  { call: 'symlink' },
  { call: 'mkdir' },
  { call: 'openat' },
]

/** BootAgent is asked to upgrade itself, under its guard, while an agent runs that must notice nothing. */
const OWN_UPGRADE: Scenario = {
  name: 'own upgrade',
  from: 'first',
  request: ['upgrade', 'BootAgent', '--package-version', '2.0.0'],
  before: FIRST,
  after: FIRST,
  ends: 'succeeded',
}

/** An upgrade of BootAgent itself, killed at each system call of the version that prepares it and of the version that commits it. */
export const OWN_UPGRADES: readonly Cell[] = (['old', 'new'] as const).flatMap((killed) =>
  CALLS.map((call) => cellOf(killed, call)),
)

function cellOf(killed: Killed, call: Call): Cell {
  const fault = `${killed === 'new' ? 'the new one ' : ''}killed at ${call.call}${call.ofMetafile === true ? ' of the metafile' : ''}`
  return {
    scenario: OWN_UPGRADE.name,
    fault,
    needs: 'tracing',
    async *cases(lab, { sample }) {
      for (let nth = 1; nth <= (sample ? sampled(call) : Infinity); nth++) {
        const agentsn = `${OWN_UPGRADE.name}-${fault}-${nth}`.replaceAll(' ', '-')
        const found = await suffer(lab, agentsn, { killed, ...call, nth })
        yield found
        if (!found.fired) return
      }
    },
  }
}

/** Of each version one: an executable is large, and a case takes seconds. */
function sampled({ call }: Call): number {
  return call === 'rename' ? 1 : 0
}

async function suffer(lab: Lab, agentsn: string, kill: Call & { killed: Killed; nth: number }): Promise<Case> {
  const { killed, call, ofMetafile, nth } = kill
  const home = lab.fleet.homeOf(agentsn)
  const own = await lab.own()
  const path = ofMetafile === true ? { path: `${home}/tmp/.metafile.json.new` } : {}
  const injection: Injection = { thread: 'disk', call, effect: 'KILL', nth, ...path }
  const guard = own.startGuarded(
    agentsn,
    lab.homes.first ?? '',
    killed === 'new' ? { BOOTAGENT_STOP_AT: 'switch-slot:before' } : {},
  )
  const pid = await begun(guard)
  const before = pidsOf(home)

  const tracer = killed === 'old' ? await attach(pid, injection, `${home}.strace`) : undefined
  const job = await order(lab, agentsn, OWN_UPGRADE.request)
  if (killed === 'new') await whileItStands(pid, () => putBetween(home, injection))
  const told = await result(lab, guard, { agentsn, job })

  const problems = [
    ...judge(OWN_UPGRADE, told, lookAtHost(home, lab.contents, job)),
    ...judgeEnding(OWN_UPGRADE, told),
    ...judgeSlots(home, own, told),
    ...((await lab.fleet.bootfleet('host', agentsn)).includes(`bootagent-${versionAfter(told)}-`)
      ? []
      : [`the server knows it as another version than ${versionAfter(told)}`]),
    ...(pidsOf(home) === before ? [] : [`the agent was ${before}, and is ${pidsOf(home)}`]),
  ]
  await guard.stop()
  const fired = (await tracer?.stop()) ?? hasFired(injection, readFileSync(`${home}.strace`, 'latin1'))
  const outcome = told.state === 'succeeded' ? told.state : `${told.errcode} ${told.message}`
  const kept = clearAway(lab, { agentsn }, problems)
  await clearGroups(home)
  return { name: agentsn, fired, outcome, problems: kept }
}

/** The pid of a BootAgent that its server knows, and whose agent runs. */
async function begun(guard: Program): Promise<number> {
  const [line] = await Promise.all([
    guard.line(isInControl),
    guard.line(isReport),
    guard.line(({ kind }) => kind === 'agent-started'),
  ])
  return Number(line['pid'])
}

/**
 * The first who is started from slot b, which was filled and tested, is started under strace; by then the executable is in its place
 * again, since BootAgent knows by its own path that it is guarded. strace is nobody's parent (`-D`): the guard waits for BootAgent.
 */
function putBetween(home: string, injection: Injection): void {
  const executable = `${home}/self/b/bootagent`
  const options = optionsOf(injection).map((each) => `'${each}'`)
  renameSync(executable, `${home}/self/b/aside`)
  const script = `#!/bin/sh
mv '${home}/self/b/aside' '${executable}'
exec strace -D -f ${options.join(' ')} -o '${home}.strace' '${executable}' "$@"
`
  writeFileSync(executable, script, { mode: 0o755 })
}

function isInControl({ kind }: Line): boolean {
  return kind === 'in-control'
}

function pidsOf(home: string): string {
  return lookAtProcesses(home)
    .map(({ pid }) => pid)
    .join(' ')
}

function versionAfter({ state }: Told): OwnVersion {
  return state === 'succeeded' ? '2.0.0' : '1.0.0'
}

/** Whole executables, the right one of them current, and nothing beside them but what the guard keeps for itself. */
function judgeSlots(home: string, { digests }: OwnLab, told: Told): string[] {
  const self = `${home}/self`
  const current = readFileSync(`${self}/current`, 'utf8').trim()
  const should = told.state === 'succeeded' ? 'b' : 'a'
  const left = readdirSync(self).filter((name) => !['a', 'b', 'current', 'seeded'].includes(name))
  return [
    ...(current === should ? [] : [`slot ${current} is current`]),
    ...(digestOf(`${self}/${should}/bootagent`) === digests[versionAfter(told)]
      ? []
      : [`slot ${should} holds another executable`]),
    ...left.map((name) => `self/${name} is left over`),
  ]
}
