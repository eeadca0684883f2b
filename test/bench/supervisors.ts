import { setTimeout as sleep } from 'node:timers/promises'
import { type BenchOptions, say } from './bench-options.ts'
import { startBareNode } from './contenders/bare-node.ts'
import { openBootAgentContender } from './contenders/bootagent.ts'
import type { Contender, Stand } from './contenders/contender.ts'
import { openPm2Contender } from './contenders/pm2.ts'
import { openSupervisordContender } from './contenders/supervisord.ts'
import { type Idle, observeIdle } from './measure/idle.ts'
import { median } from './measure/median.ts'
import { killAndRecover, type Recovery, timeNotice, timeStart } from './measure/trials.ts'
import { buildBootAgent } from './setup/bootagent-program.ts'
import { ensurePm2 } from './setup/pm2-program.ts'
import { ensureSupervisord } from './setup/supervisord-program.ts'
import { writeSupervisorsPage } from './show/supervisors-page.ts'

/** One contender with one number of agents. Times are medians, in milliseconds. */
export interface Figures extends Idle, Recovery {
  readonly name: string
  readonly version: string
  readonly agents: number
  readonly startMs: number
  readonly noticeMs: number
}

/** The floor that no program of Node's can be under. */
export interface Floor extends Idle {
  readonly name: 'bare Node'
}

/** All that one run has found. */
export interface Findings {
  readonly figures: readonly Figures[]
  readonly floors: readonly Floor[]
  readonly idleSeconds: number
  readonly runs: number
}

const SIZES = [10, 100]
/** Far above what a sleep needs: they are there so that there are control groups. */
const LIMITS = { CPU: '50%', memory: '64M', pids: 16 }

/** BootAgent, PM2 and supervisord side by side, each with sleeping agents. Holds nothing against a bound: it shows. */
export async function supervisors(options: BenchOptions): Promise<boolean> {
  const [pm2, supervisord, program] = [ensurePm2(), ensureSupervisord(), buildBootAgent()]
  const openers: readonly ((stand: Stand) => Promise<Contender> | Contender)[] = [
    (stand) => openBootAgentContender(stand, program),
    (stand) => openBootAgentContender(stand, program, LIMITS),
    (stand) => openPm2Contender(stand, pm2),
    (stand) => openSupervisordContender(stand, supervisord),
  ]
  const found: Pick<Findings, 'figures' | 'floors'>[] = []
  const [idleSeconds, runs] = options.quick ? [10, 1] : [60, 3]
  for (const agents of SIZES) found.push(await compare({ openers, agents, idleSeconds, runs }, options))
  const findings = {
    figures: found.flatMap((each) => each.figures),
    floors: found.flatMap((each) => each.floors),
    idleSeconds,
    runs,
  }
  writeSupervisorsPage(findings, options)
  return true
}

/** How one number of agents is measured. */
interface Comparison {
  readonly openers: readonly ((stand: Stand) => Promise<Contender> | Contender)[]
  readonly agents: number
  readonly idleSeconds: number
  readonly runs: number
}

/** One run with all of them up at once, so that they are idle through the very same minute; the others one by one, for the times. */
async function compare(how: Comparison, { room }: BenchOptions): Promise<Pick<Findings, 'figures' | 'floors'>> {
  const { openers, agents, idleSeconds, runs } = how
  const directory = room.place('bare-node')
  const bare = startBareNode(directory)
  const together = []
  for (const open of openers) {
    const contender = await open({ directory: room.place('contender'), agents })
    together.push({ contender, startMs: await timeStart(contender) })
  }
  say(`${agents} agents: all started; idle for ${idleSeconds} s`)
  // What a start leaves to be done later is no part of being idle.
  await sleep(SETTLING_MS)
  const [floor, ...idle] = await observeIdle(
    [
      { directory, daemon: bare },
      ...together.map(({ contender }) => ({ directory: contender.directory, daemon: contender.daemon() })),
    ],
    idleSeconds,
  )
  room.clear(directory)

  const figures: Figures[] = []
  for (const [index, { contender, startMs }] of together.entries()) {
    const first = { startMs, ...(await kill(contender, agents)) }
    await contender.close()
    room.clear(contender.directory)
    const others = []
    for (let run = 1; run < runs; run += 1) others.push(await runAlone(openers[index] ?? notThere, agents, room))
    const seen = idle[index]
    if (seen !== undefined) figures.push(figuresOf(contender, seen, { agents, runs: [first, ...others] }))
    say(`${agents} agents: ${contender.name} done`)
  }
  return { figures, floors: floor === undefined ? [] : [{ name: 'bare Node', ...floor }] }
}

const SETTLING_MS = 5000

/** What one run times. */
interface Run extends Recovery {
  readonly startMs: number
  readonly noticeMs: number
}

async function runAlone(open: Comparison['openers'][number], agents: number, room: BenchOptions['room']): Promise<Run> {
  const contender = await open({ directory: room.place('contender'), agents })
  const startMs = await timeStart(contender)
  const killed = await kill(contender, agents)
  await contender.close()
  room.clear(contender.directory)
  return { startMs, ...killed }
}

async function kill(contender: Contender, agents: number): Promise<Omit<Run, 'startMs'>> {
  const times = []
  for (const agent of [1, 3, 5]) times.push(await timeNotice(contender, agent))
  return { noticeMs: median(times), ...(await killAndRecover(contender, agents)) }
}

function figuresOf(contender: Contender, idle: Idle, { agents, runs }: { agents: number; runs: readonly Run[] }): Figures {
  const of = (field: 'startMs' | 'noticeMs' | 'recoverMs' | 'survivors' | 'adopted' | 'twice') =>
    median(runs.map((run) => run[field]))
  return {
    name: contender.name,
    version: contender.version,
    agents,
    ...idle,
    startMs: of('startMs'),
    noticeMs: of('noticeMs'),
    recoverMs: of('recoverMs'),
    survivors: of('survivors'),
    adopted: of('adopted'),
    twice: of('twice'),
  }
}

function notThere(): never {
  throw new Error('every contender has its opener')
}
