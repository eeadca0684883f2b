import type { StatusReport } from '@bootagent/protocol'
import type { Happening } from '../../../packages/bootagent/src/happening.ts'
import type { MetafileStore } from '../../../packages/bootagent/src/state/metafile.ts'
import type { Metafile } from '../../../packages/bootagent/src/state/metafile-schema.ts'
import { wallSeconds } from '../invariants/jobs.ts'
import type { Moment, Sights } from '../invariants/invariant.ts'
import { beginLife, type Living } from '../host/life.ts'
import { createMachine, type Life, type Machine } from '../host/machine.ts'
import { attemptPath, type Program } from '../host/programs.ts'
import { type MirrorFault, simulateWorker } from '../host/worker.ts'
import type { Plant } from '../planted/plant.ts'
import type { SimulatedServer } from '../server/server.ts'
import { type Chance, openChance } from './chance.ts'
import { type HostFacts, isGoingBack, jobAtWork, metafileText, newFacts } from './facts.ts'
import { simulateWay, type Weather } from './network.ts'
import type { Warehouse } from './packages.ts'
import type { Time } from './time.ts'

/** One host of a simulated fleet, with whatever lives on it now. */
export interface SimulatedHost {
  readonly facts: HostFacts
  readonly machine: Machine
  readonly weather: Weather & { mirror: MirrorFault | undefined }
  /** Jobs that come with the next answer though nobody asked for them. */
  readonly strange: unknown[]
  readonly chance: Chance
  readonly living: () => Living | undefined
  powerOn(): void
  kill(away: number): void
  cutPower(away: number): void
}

export interface HostWorld {
  readonly seed: number
  readonly time: Time
  readonly warehouse: Warehouse
  readonly server: SimulatedServer
  readonly plant: Plant
  readonly say: (who: string, what: string) => void
  readonly judge: <M extends Moment>(at: M, sight: (host: HostFacts) => Sights[M], host: HostFacts) => void
}

export function createHost(name: string, world: HostWorld): SimulatedHost {
  const { plant, say, seed, server, time, warehouse } = world
  const made = createMachine(name, { seed, time, started, ended })
  const machine: Machine = plant.disk === undefined ? made : { ...made, disk: plant.disk(made.disk) }
  const facts = newFacts(machine, time)
  const weather: SimulatedHost['weather'] = { network: undefined, reply: undefined, mirror: undefined }
  const strange: unknown[] = []
  const offered: unknown[] = []
  const chance = openChance(seed, `fate of ${name}`)
  let life: Life = { number: 0, alive: false }
  let living: Living | undefined
  let powered = true

  function judge<M extends Moment>(at: M, sight: Sights[M]): void {
    world.judge(at, () => sight, facts)
  }

  function started(_: Machine, program: Program): void {
    say(name, `  ${program.name} ${program.release} runs as ${program.pid}`)
    makeAttempt(machine, program)
    judge('started', { host: facts, program, fleet: undefined as never })
  }

  function ended(_: Machine, program: Program): void {
    say(name, `  ${program.name} ${program.release} (${program.pid}) ends with ${program.end?.status}`)
    const job = jobAtWork(facts.metafile, program.name)
    if (program.stopping && program.forced === undefined && job !== undefined)
      facts.requestedEnds.set(job, (facts.requestedEnds.get(job) ?? 0) + 1)
    judge('ended', { host: facts, program })
    if (!machine.deaf) time.after(2, () => living?.supervisor.heard(program.name))
  }

  function announce(happening: Happening): void {
    say(name, `  ${sentenceOf(happening)}`)
    facts.last = happening
  }

  async function begin(): Promise<void> {
    if (life.alive || !powered) return
    const own: Life = { number: life.number + 1, alive: true }
    life = own
    machine.scarred = false
    say(name, `BootAgent begins (life ${own.number})`)
    const way = simulateWay({
      time,
      life: own,
      server,
      chance: openChance(seed, `way of ${name} ${own.number}`),
      weather,
      say: (what) => say(name, what),
      sent: (report: StatusReport) => judge('sent', { host: facts, report }),
      answered: (report: StatusReport) => judge('answered', { host: facts, report, fleet: undefined as never }),
      strangeJobs: () => strange.splice(0),
      offered,
    })
    const worker = simulateWorker({
      host: name,
      life: own,
      time,
      warehouse,
      seed,
      mirror: () => weather.mirror,
      trusting: plant.trusting ?? false,
    })
    try {
      const begun = await beginLife({
        ...{ seed, machine, life: own, time, warehouse, way, announce },
        ...{ plant, worker },
        watchStore: (store) => (plant.store === undefined ? watchStore(store) : watchStore(plant.store(watchStore(store)))),
      })
      living = begun
      begun.service.ended.then(
        () => fail(own, new Error('it ended, and nobody had asked for that')),
        (error: unknown) => fail(own, error),
      )
    } catch (error) {
      if (!own.alive) return
      say(name, `  BootAgent cannot begin: ${(error as Error).message}`)
      own.alive = false
      time.after(10_000, () => void begin())
      if (!isDisk(error)) judge('fault', { host: facts, error })
    }
  }

  function fail(own: Life, error: unknown): void {
    if (own.alive) judge('fault', { host: facts, error })
  }

  function end(): boolean {
    if (!life.alive) return false
    life.alive = false
    living = undefined
    return true
  }

  /** Sees every change as it is asked for, and as it is said to be done. */
  function watchStore(store: MetafileStore): MetafileStore {
    const own = life
    take(store.read())
    return {
      read: () => store.read(),
      async update(reducer) {
        const changing = store.update((value) => {
          const next = reducer(value)
          if (next !== value) facts.attempted.add(next)
          return next
        })
        changing.catch(() => {
          facts.heldBack = true
        })
        const changed = await changing
        if (own.alive && changed !== facts.metafile) recorded(changed)
        return changed
      },
    }
  }

  function take(found: Metafile): void {
    judge('found', { host: facts, metafile: found })
    facts.metafile = found
    facts.found = metafileText(machine)
    facts.attempted.clear()
    facts.heldBack = false
    noteResults(found)
  }

  function recorded(after: Metafile): void {
    const before = facts.metafile ?? after
    facts.metafile = after
    facts.found = undefined
    facts.attempted.clear()
    noteSwitches(before, after)
    noteForgotten(before, after)
    judge('recorded', { host: facts, before, after, fleet: undefined as never })
    for (const key of noteResults(after)) {
      const result = after.jobs[key]?.result
      if (result !== undefined) judge('result', { host: facts, key, result, before, after, fleet: undefined as never })
    }
  }

  function noteSwitches(before: Metafile, after: Metafile): void {
    for (const [agent, record] of Object.entries(after.agents)) {
      const was = before.agents[agent]
      if ((was?.release ?? null) === record.release || record.release === null) continue
      if (isGoingBack(was, record)) continue
      const job = jobAtWork(before, agent)
      if (job !== undefined) facts.switches.set(job, (facts.switches.get(job) ?? 0) + 1)
    }
  }

  function noteForgotten(before: Metafile, after: Metafile): void {
    for (const key of Object.keys(after.jobs)) {
      const since = wallSeconds(facts) - (facts.acknowledged.get(key) ?? Number.POSITIVE_INFINITY)
      if (before.jobs[key] === undefined && facts.results.has(key) && since > KEPT) facts.forgotten.add(key)
    }
  }

  function noteResults(metafile: Metafile): string[] {
    const fresh: string[] = []
    for (const [key, record] of Object.entries(metafile.jobs)) {
      if (record.acknowledged !== undefined && !facts.acknowledged.has(key)) facts.acknowledged.set(key, wallSeconds(facts))
      if (record.result === undefined || facts.results.has(key)) continue
      facts.results.set(key, JSON.stringify(record.result))
      fresh.push(key)
    }
    return fresh
  }

  return {
    facts,
    machine,
    weather,
    strange,
    chance,
    living: () => living,
    powerOn: () => void begin(),
    kill(away) {
      if (!end()) return
      say(name, 'BootAgent is killed')
      time.after(away * 1000, () => void begin())
    },
    cutPower(away) {
      if (!powered) return
      end()
      powered = false
      say(name, 'the power is cut')
      machine.disk.powerCut(chance)
      machine.disk.root.entries.delete('run')
      machine.disk.root.synced.delete('run')
      machine.programs.lose()
      time.after(away * 1000, () => {
        powered = true
        machine.bootid = chance.uuid()
        machine.bootedAt = time.now()
        void begin()
      })
    },
  }
}

/** Seconds that a finished job's key is remembered. */
const KEPT = 7 * 86_400

/** What a start leaves in the run directory: whoever removes it makes that start as if it had never been. */
function makeAttempt({ disk }: Machine, program: Program): void {
  const own = attemptPath(program)
  for (const path of [own.slice(0, own.lastIndexOf('/')), own]) {
    if (disk.findIfThere(path) === undefined) disk.change([{ ...disk.parentOf(path), to: disk.newDirectory(0o700) }])
  }
}

function isDisk(error: unknown): boolean {
  const text = error instanceof Error ? `${error.message} ${String((error.cause as Error | undefined)?.message)}` : ''
  return /ENOSPC|EIO|no room/.test(text)
}

function sentenceOf(happening: Happening): string {
  const { kind, ...rest } = happening
  return `${kind} ${Object.entries(rest)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')}`
}
