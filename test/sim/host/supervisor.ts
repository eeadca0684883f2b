import { type Clock, createService, whenAborted } from '@bootagent/runtime'
import type { Announce } from '../../../packages/bootagent/src/happening.ts'
import type { Ledger } from '../../../packages/bootagent/src/supervise/ledger.ts'
import type { Supervisor } from '../../../packages/bootagent/src/supervise/supervisor.ts'
import type { Time } from '../world/time.ts'
import type { Warehouse } from '../world/packages.ts'
import { createKeeper, type Keeper } from './keeper.ts'
import type { Life, Machine } from './machine.ts'

/** What a simulated supervisor is made of. */
export interface SupervisorParts {
  readonly machine: Machine
  readonly life: Life
  readonly time: Time
  readonly warehouse: Warehouse
  readonly ledger: Ledger
  readonly clock: Clock
  readonly random: () => number
  readonly announce: Announce
  /** Planted: a start does not first end what runs. */
  readonly hasty: boolean
}

/** A supervisor, and how it is told that one of its programs has ended. */
export interface SimulatedSupervisor extends Supervisor {
  heard(name: string): void
}

/** The product's own decisions (table, wish, policy, record of ends) over programs that are simulated; DESIGN section 6 in small. */
export function simulateSupervisor(parts: SupervisorParts): SimulatedSupervisor {
  const { clock, ledger, machine } = parts
  const life = new AbortController()
  const keepers = new Map<string, Keeper>()
  const lookedAfter = new Set<string>()

  function keeperOf(name: string): Keeper {
    const keeper = keepers.get(name) ?? createKeeper(name, { ...parts, signal: life.signal })
    keepers.set(name, keeper)
    return keeper
  }

  async function takeCareOfNew(): Promise<void> {
    const known = [...Object.keys(ledger.read().agents), ...machine.programs.alive().map(({ name }) => name)]
    const fresh = [...new Set(known)].filter((name) => !lookedAfter.has(name))
    for (const name of fresh) {
      lookedAfter.add(name)
      keeperOf(name).adopt()
    }
  }

  const service = createService(async (signal, ready) => {
    await takeCareOfNew()
    ready()
    while (await clock.sleep(CHECK * 1000, signal)) {
      await ledger.retry()
      await takeCareOfNew()
    }
    await whenAborted(signal)
    life.abort()
    await Promise.all([...keepers.values()].map((keeper) => keeper.close()))
  })

  return {
    service,
    start: (name) => keeperOf(name).start(),
    stop: (name) => keeperOf(name).stop(),
    lookAgain: (name) => keeperOf(name).lookAgain(),
    applyLimits: async () => undefined,
    condemn: (name, attempt, forced) => keeperOf(name).condemn(attempt, forced),
    limitsOf: () => undefined,
    busyOf: (name) => keeperOf(name).busy(),
    healthOf: () => undefined,
    observe() {
      const now = clock.uptime()
      return new Map(Object.keys(ledger.read().agents).map((name) => [name, keeperOf(name).view(now)]))
    },
    changed: (name, signal) => keeperOf(name).changed(signal),
    heard: (name) => keeperOf(name).pass(),
  }
}

const CHECK = 60
