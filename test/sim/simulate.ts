import process from 'node:process'
import type { CreateJob } from '@bootagent/protocol'
import { unmountAll } from './disk/mounts.ts'
import { type Deed, describeDeed, type History } from './history/deed.ts'
import { type Breach, findBreach } from './invariants/all.ts'
import type { Fleet, Moment, Sights } from './invariants/invariant.ts'
import type { Plant } from './planted/plant.ts'
import { simulateServer } from './server/server.ts'
import { EPOCH, goOn } from './host/machine.ts'
import { createHost, type HostWorld, type SimulatedHost } from './world/host.ts'
import { stockWarehouse } from './world/packages.ts'
import { createTime, settle } from './world/time.ts'
import { openTrace } from './world/trace.ts'

/** What a history came to. */
export interface Outcome {
  readonly breach: Breach | undefined
  /** Of everything that happened: equal for equal runs. */
  readonly digest: string
  readonly lines: readonly string[]
  /** Things that happened one after another. */
  readonly steps: number
  /** Seconds of the world's time. */
  readonly seconds: number
  /** What was reached, for a picture of how much of the product a run has seen. */
  readonly seen: ReadonlyMap<string, number>
}

export interface Settings {
  readonly plant?: Plant
  /** Whether every line of what happened is kept. */
  readonly trace?: boolean
}

/** Seconds that a healed world is given at most: the longest chain of waits there is, several times over. */
const PATIENCE = 8 * 3600
/** Seconds after the last deed in which faults that wait for a disk to be used may still strike: a poll and what it brings. */
const LINGER = 200
/** Seconds between two looks at whether everything has come to rest. */
const LOOK = 240

/** Plays one history from the first to the last thing that happens, or to the first that may not. */
export async function simulate(history: History, settings: Settings = {}): Promise<Outcome> {
  const faults: unknown[] = []
  const hear = (error: unknown) => void faults.push(error)
  // A rejection that nobody has handled ends a program; here it is one more thing that may not happen.
  process.on('unhandledRejection', hear)
  try {
    return await play(history, settings, faults)
  } finally {
    process.off('unhandledRejection', hear)
  }
}

async function play(
  history: History,
  { plant = {}, trace: kept = false }: Settings,
  faults: readonly unknown[],
): Promise<Outcome> {
  const { seed, deeds } = history
  unmountAll()
  const time = createTime()
  const trace = openTrace(kept)
  const warehouse = stockWarehouse(history)
  const seen = new Map<string, number>()
  let breach: Breach | undefined
  let steps = 0

  const say = (who: string, what: string) => trace.add(time.now(), who, what)
  const server = simulateServer({ seed, time, warehouse, plant, say: (what) => say('server', what) })

  const judge: HostWorld['judge'] = (at, sight, host) => judgeAt(at, withFleet(sight(host)))
  function judgeAt<M extends Moment>(at: M, sight: Sights[M]): void {
    breach ??= findBreach(at, sight)
  }
  function withFleet<M extends Moment>(sight: Sights[M]): Sights[M] {
    return 'fleet' in sight ? { ...sight, fleet } : sight
  }

  const world: HostWorld = { seed, time, warehouse, server, plant, say, judge }
  const hosts = new Map(history.hosts.map((at) => [at, createHost(`h${at + 1}`, world)]))
  const fleet: Fleet = { hosts: [...hosts.values()].map(({ facts }) => facts), server, warehouse }

  /** Goes on until nothing more is due before `until`, or something is wrong. */
  async function goOn(until: number): Promise<void> {
    for (;;) {
      await settle()
      steps += 1
      judgeAt('step', fleet)
      if (faults.length > 0) judgeAt('unhandled', { error: faults[0] })
      if (breach !== undefined || !time.step(until)) return
    }
  }

  const orders: string[] = []
  for (const [at, host] of hosts) time.after(at * 500, () => host.powerOn())
  for (const deed of deeds) {
    time.after(deed.at * 1000, () => {
      say('fate', describeDeed(deed))
      doDeed(deed, { hosts, orders, server, time, say })
    })
  }
  const last = Math.max(0, ...deeds.map((deed) => deed.at + ('lasts' in deed ? deed.lasts : 0)))
  await goOn((last + LINGER) * 1000)
  if (breach === undefined) {
    say('fate', 'every fault is over')
    heal([...hosts.values()], server)
    for (let waited = 0; breach === undefined && waited < PATIENCE; waited += LOOK) {
      await goOn(time.now() + LOOK * 1000)
      if (breach === undefined && isAtRest(fleet)) break
    }
    if (breach === undefined) judgeAt('rest', fleet)
  }
  if (breach !== undefined) say('fate', `breach of ${breach.invariant}: ${breach.what}`)
  return { breach, digest: trace.digest(), lines: trace.lines(), steps, seconds: time.now() / 1000, seen }
}

function isAtRest(fleet: Fleet): boolean {
  return findBreach('rest', fleet) === undefined
}

function heal(hosts: readonly SimulatedHost[], server: ReturnType<typeof simulateServer>): void {
  server.heal()
  for (const { machine, strange, weather } of hosts) {
    machine.armed.length = 0
    machine.failing = undefined
    machine.free = ROOM
    goOn(machine)
    machine.deaf = false
    strange.length = 0
    weather.network = undefined
    weather.reply = undefined
    weather.mirror = undefined
  }
}

const ROOM = 8 * 1024 ** 3

interface Stage {
  readonly hosts: ReadonlyMap<number, SimulatedHost>
  /** Ids of jobs, as operators were given them. */
  readonly orders: string[]
  readonly server: ReturnType<typeof simulateServer>
  readonly time: ReturnType<typeof createTime>
  readonly say: (who: string, what: string) => void
}

function doDeed(deed: Deed, stage: Stage): void {
  const { server } = stage
  if (deed.kind === 'server dies') return server.crashAfter(deed.after, deed.away)
  if (deed.kind === 'order') return order(deed, stage)
  if (deed.kind === 'cancel') return void server.cancel(stage.orders.at(-1 - deed.back))
  const host = stage.hosts.get(deed.host)
  if (host !== undefined) doToHost(deed, host, stage)
}

type ToHost = Exclude<Deed, { kind: 'server dies' | 'order' | 'cancel' }>

function doToHost(deed: ToHost, host: SimulatedHost, { time }: Stage): void {
  const { machine, weather } = host
  switch (deed.kind) {
    case 'kill':
      return strikeAfter(host, deed.after, () => host.kill(deed.away))
    case 'power cut':
      return strikeAfter(host, deed.after, () => host.cutPower(deed.away))
    case 'network':
      weather.network = deed.fault
      time.after(deed.lasts * 1000, () => {
        weather.network = undefined
      })
      return
    case 'answers':
      weather.reply = deed.fault
      time.after(deed.lasts * 1000, () => {
        weather.reply = undefined
      })
      return
    case 'mirror':
      weather.mirror = deed.fault
      time.after(deed.lasts * 1000, () => {
        weather.mirror = undefined
      })
      return
    case 'clock':
      machine.clockOff += deed.by * 1000
      return
    case 'disk full':
      machine.free = 0
      time.after(deed.lasts * 1000, () => {
        machine.free = ROOM
      })
      return
    case 'disk stands still':
      machine.still ??= Promise.withResolvers()
      time.after(deed.lasts * 1000, () => goOn(machine))
      return
    case 'disk fails':
      machine.failing = { operation: deed.operation, left: deed.after }
      return
    case 'deaf':
      machine.deaf = true
      time.after(deed.lasts * 1000, () => {
        machine.deaf = false
      })
      return
    case 'order at host':
      void host.living()?.orders.order(deed.action, deed.name)
      return
    case 'strange job':
      host.strange.push(strangeJob(deed, host))
      return
  }
}

function strikeAfter({ machine }: SimulatedHost, after: number, strike: () => void): void {
  if (after === 0) strike()
  else machine.armed.push({ left: after, strike })
}

function strangeJob({ like }: Extract<Deed, { kind: 'strange job' }>, { chance, facts }: SimulatedHost): unknown {
  const known = Object.values(facts.metafile?.jobs ?? {}).at(-1)?.job
  switch (like) {
    case 'same id':
      return { id: known?.id ?? 'odd', action: 'restart', name: 'alpha' }
    case 'malformed':
      return { id: `odd-${chance.whole(0, 9999)}`, action: 'install', name: 'alpha', url: 7 }
    case 'unknown action':
      return { id: `odd-${chance.whole(0, 9999)}`, action: 'dance', name: 'alpha' }
    case 'nameless':
      return { action: 'stop', name: 'alpha' }
  }
}

function order(deed: Extract<Deed, { kind: 'order' }>, { hosts, orders, server, say, time }: Stage): void {
  const { action, deadline, hosts: wanted, name, version, expect, force, purge, step, svrlist, envs } = deed
  // Whom the server does not know yet it cannot be asked about.
  const known = wanted.map((at) => hosts.get(at)?.facts.metafile?.identity.agentsn ?? '').filter((sn) => server.reports.has(sn))
  if (known.length === 0 || !server.isUp()) return say('server', 'nobody could be asked')
  const fields = { action, name, version, expect, force, purge, step, svrlist, envs }
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  const request = {
    ...given,
    target: { hosts: known },
    ...(deadline === undefined ? {} : { deadline: Math.floor((EPOCH + time.now()) / 1000) + deadline }),
  } as CreateJob
  void server.order(request).then((job) => {
    if ('refused' in job) return say('server', `refuses: ${job.refused}`)
    orders.push(job.id)
    say('server', `job ${job.id}`)
  })
}
