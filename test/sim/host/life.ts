import type { JobProgress } from '@bootagent/protocol'
import { createDoorbell, type Doorbell, RuntimeError, type Service, silentLog } from '@bootagent/runtime'
import { createAgent } from '../../../packages/bootagent/src/agent.ts'
import { drainAtEnd } from '../../../packages/bootagent/src/drain.ts'
import { createCallingOff } from '../../../packages/bootagent/src/calling-off.ts'
import { pointLinks } from '../../../packages/bootagent/src/execute/links.ts'
import { createRates } from '../../../packages/bootagent/src/execute/rates.ts'
import { createSlots, createTurns } from '../../../packages/bootagent/src/execute/slots.ts'
import { sweepTemporary } from '../../../packages/bootagent/src/execute/sweep.ts'
import type { Tools } from '../../../packages/bootagent/src/execute/tools.ts'
import type { Announce } from '../../../packages/bootagent/src/happening.ts'
import { toldProgress } from '../../../packages/bootagent/src/job/told-progress.ts'
import { openHome } from '../../../packages/bootagent/src/local/open-home.ts'
import { createOrders, type Orders } from '../../../packages/bootagent/src/orders.ts'
import { createConversation } from '../../../packages/bootagent/src/remote/conversation.ts'
import type { Exchange } from '../../../packages/bootagent/src/remote/exchange.ts'
import { createHearing } from '../../../packages/bootagent/src/remote/hearing.ts'
import { settle } from '../../../packages/bootagent/src/settle.ts'
import { createSettling } from '../../../packages/bootagent/src/settling.ts'
import { openOrBegin } from '../../../packages/bootagent/src/state/first-start.ts'
import { firstIdentity } from '../../../packages/bootagent/src/state/identity.ts'
import type { MetafileStore } from '../../../packages/bootagent/src/state/metafile.ts'
import { pathsOf } from '../../../packages/bootagent/src/state/paths.ts'
import { createLedger } from '../../../packages/bootagent/src/supervise/ledger.ts'
import type { Walk } from '../../../packages/bootagent/src/walk.ts'
import type { Plant } from '../planted/plant.ts'
import { openChance } from '../world/chance.ts'
import type { Warehouse } from '../world/packages.ts'
import type { Time } from '../world/time.ts'
import { clockOf, type Life, type Machine, mountFor, rootOf } from './machine.ts'
import { simulateSupervisor, type SimulatedSupervisor } from './supervisor.ts'

/** What a BootAgent of a simulated host is built from. */
export interface LifeParts {
  readonly seed: number
  readonly machine: Machine
  readonly life: Life
  readonly time: Time
  readonly warehouse: Warehouse
  readonly way: Exchange
  readonly worker: Tools['worker']['run']
  readonly announce: Announce
  /** Sees every store as it is opened, and may put another in its place. */
  readonly watchStore: (store: MetafileStore) => MetafileStore
  readonly plant: Plant
}

/** A BootAgent that runs. */
export interface Living {
  readonly service: Service
  readonly metafile: MetafileStore
  readonly supervisor: SimulatedSupervisor
  readonly orders: Orders
  readonly toTell: Doorbell
}

const STEP = 60

/** What compose does with real shells, with simulated ones, in the same order. */
export async function beginLife(parts: LifeParts): Promise<Living> {
  const { seed, machine, life, time } = parts
  mountFor(machine, life, time)
  const paths = pathsOf(`${rootOf(machine, life)}/home`, `${rootOf(machine, life)}/run`)
  const clock = clockOf(machine, life, time)
  const chance = openChance(seed, `bootagent ${machine.name} ${life.number}`)
  await openHome(paths)
  const opened = await openOrBegin(
    paths,
    { identity: () => firstIdentity(factsOf(machine), undefined, chance.uuid()), servers: 'away,control', baked: '', step: STEP },
    Math.floor(clock.now() / 1000),
  )
  const ledger = createLedger(parts.watchStore(opened.metafile), silentLog)
  const metafile = ledger.store
  await sweepTemporary(paths)
  for (const [name, agent] of Object.entries(metafile.read().agents)) {
    // As in compose: links are for people.
    await pointLinks(paths, name, agent).catch((error: unknown) => {
      if (!(error instanceof RuntimeError)) throw error
    })
  }

  const [toTell, toDo] = [createDoorbell(), createDoorbell()]
  const orders = createOrders({ metafile, clock, toDo, announce: (happening) => announce(happening), newId: chance.uuid })
  const announce: Announce = (happening) => {
    if (happening.kind === 'agent-fatal' || happening.kind === 'agent-stuck') toTell.ring()
    orders.hear(happening)
    parts.announce(happening)
  }
  const progress = new Map<string, JobProgress>()
  const { plant, warehouse } = parts
  const made = simulateSupervisor({
    ...{ machine, life, time, warehouse, ledger, clock, announce },
    random: chance.fraction,
    hasty: plant.hasty ?? false,
  })
  const supervisor = plant.supervisor?.(made) ?? made
  const since = clock.uptime()
  const host = {
    hostname: machine.name,
    version: 'bootagent-0.0.0-x86_64',
    bootid: machine.bootid,
    os: 'linux',
    arch: 'x64',
  }
  const callingOff = createCallingOff({ metafile, announce, toTell })
  const settles = plant.settle?.(settle) ?? settle
  const settling = createSettling({
    settle: (answered) => settles({ metafile, announce, clock, toDo, toTell }, answered),
    ...{ metafile, clock, toTell },
  })
  const conversation = createConversation({
    metafile,
    baked: '',
    introduction: { hostname: host.hostname, version: host.version, platform: { os: host.os, arch: host.arch } },
    exchange: { connect: 10_000, whole: 30_000, ca: undefined, carrier: parts.way },
    facts: async () => ({
      metafile: metafile.read(),
      views: supervisor.observe(),
      progress: toldProgress(metafile.read(), progress),
      host,
      uptime: clock.uptime() - since,
      now: Math.floor(clock.now() / 1000),
    }),
    settle: settling.take,
    onRegistered: () => undefined,
  })
  const walk: Walk = {
    tools: {
      metafile,
      supervisor,
      tryServers: conversation.tryServers,
      callOff: callingOff.callOff,
      leave: () => undefined,
      own: { running: undefined, options: [], kept: Promise.resolve() },
      lastWords: async () => [],
      platform: { os: 'linux', arch: 'x64', bootagent: '0.0.0' },
      cache: { bytes: 2 * 1024 ** 3, count: 50 },
      paths,
      clock,
      log: silentLog,
      worker: {
        run: parts.worker,
        program: { command: '', args: [] },
        downloads: createSlots(2),
        turns: createTurns(),
        rates: createRates(undefined),
        tls: { ca: undefined, cert: undefined, key: undefined },
        proxies: {},
        tries: { tries: 5, pause: 5000 },
        random: chance.fraction,
        maxPackageBytes: 2 * 1024 ** 3,
        timeouts: { connect: 10_000, idle: 60_000, total: 3_600_000 },
      },
    },
    conversation,
    settling,
    announce,
    clock,
    random: chance.fraction,
    callingOff,
    hearing: createHearing(),
    rules: { bootagent: '0.0.0', trialSeconds: 60, busySeconds: 3600, stepRange: { min: 60, max: 3600 } },
    pace: { retry: 180, gap: 10 },
    progress,
    toTell,
    toDo,
  }
  const service = createAgent(
    walk,
    [],
    drainAtEnd(supervisor, () => false, silentLog),
  )
  await service.start()
  return { service, metafile, supervisor, orders, toTell }
}

/** Machines without an id of their own draw an identity by chance, and must not do so twice. */
function factsOf({ name }: Machine) {
  const odd = Number.parseInt(name.slice(1), 10) % 2 === 1
  return {
    dmi: undefined,
    machineId: odd ? name.slice(1).padStart(32, 'a') : undefined,
    cards: [`02:00:00:00:00:${name}`],
    hostname: name,
  }
}
