import { type Clock, createService, type Log, namesIfThere, RuntimeError, type Service } from '@bootagent/runtime'
import type { Paths } from '../state/paths.ts'
import type { AgentView } from './agent-view.ts'
import { scanProcesses } from './find-processes.ts'
import type { Happening } from './happening.ts'
import type { Forced } from './attempt.ts'
import { Keeper } from './keeper.ts'
import type { KeeperParts, StartOutcome, StopOutcome } from './keeper-parts.ts'
import type { Ledger } from './ledger.ts'
import type { LimitsInForce } from './limits-in-force.ts'
import { readBootId } from './process-identity.ts'
import type { RestartPolicy } from './restart-policy.ts'

export type { AgentView } from './agent-view.ts'

/** Keeps the host's agents as the metafile wants them, through any end of ours. */
export interface Supervisor {
  /** Its start resolves when every agent has been looked at, and what runs is ours again; its stop leaves them running. */
  readonly service: Service
  /**
   * Runs the agent's current release now, after ending every process of earlier attempts. Resolves when its process is proven
   * alive, or with why not. Makes the agent wanted, forgives its strikes and lifts the hold of an earlier stop.
   */
  start(name: string): Promise<StartOutcome>
  /**
   * Ends every process of the agent, and holds it down until `start`, whatever the metafile wants. Resolves when none is left, or
   * with those that are: then nothing is held down, they are ended as soon as they can be, and what the metafile wants counts. The
   * hold is in memory: what the metafile wants counts again after an end of ours as well.
   */
  stop(name: string): Promise<StopOutcome>
  /** Looks at the agent now: once it resolves, an end that came before has been recorded. For what must not rest on an older look. */
  lookAgain(name: string): Promise<void>
  /** Holds what runs of the agent to the limits its release has now. Resolves when what the host takes of them is in force. */
  applyLimits(name: string): Promise<void>
  /** Ends that attempt, should it still run, as a failure with this cause. */
  condemn(name: string, attempt: string, forced: Forced): void
  /** The limits its running attempt was put under; undefined when none runs. */
  limitsOf(name: string): LimitsInForce | undefined
  /** Why it must not be interrupted for an upgrade now; undefined when it is free, or does not run. */
  busyOf(name: string): string | undefined
  /** Its last health check; undefined when none is made. */
  healthOf(name: string): ReturnType<Keeper['health']>
  /** What was last seen of every agent in the metafile. */
  observe(): ReadonlyMap<string, AgentView>
  /** Resolves at the next change of that agent's view (its uptime aside), or when the signal is aborted. */
  changed(name: string, signal: AbortSignal): Promise<void>
}

/** What a supervisor is made of. */
export interface SupervisorParts {
  readonly paths: Paths
  readonly ledger: Ledger
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  readonly log: Log
  /** The host's own policy; a release's settings go over it. */
  readonly settings: RestartPolicy
  /** The whole environment of an agent's process; nothing of ours is inherited. */
  readonly environment: (name: string) => Readonly<Record<string, string>>
  readonly driver: KeeperParts['driver']
  readonly probe: KeeperParts['probe']
  readonly announce: (happening: Happening) => void
}

export function createSupervisor(parts: SupervisorParts): Supervisor {
  const life = new AbortController()
  const fault = Promise.withResolvers<never>()
  // It ends the service; without one that runs there is nobody to tell.
  fault.promise.catch(() => undefined)
  const keepers = new Map<string, Keeper>()
  const lookedAfter = new Set<string>()
  const { ledger } = parts
  const shared = { ...parts, bootid: readBootId(), policy: parts.settings, signal: life.signal, fail: fault.reject }

  function keeperOf(name: string): Keeper {
    const keeper = keepers.get(name) ?? new Keeper(name, shared)
    keepers.set(name, keeper)
    return keeper
  }

  /** One scan of the host's processes serves all the first looks. */
  async function takeCareOfNew(): Promise<void> {
    const known = [...Object.keys(ledger.read().agents), ...((await namesIfThere(parts.paths.attempts)) ?? [])]
    const fresh = [...new Set(known)].filter((name) => !lookedAfter.has(name))
    const scan = once(scanProcesses)
    await Promise.all(fresh.map((name) => keeperOf(name).adopt(scan)))
    for (const name of fresh) {
      lookedAfter.add(name)
      keeperOf(name).pass()
    }
  }

  async function keepOn(signal: AbortSignal): Promise<void> {
    while (await parts.clock.sleep(parts.settings.check * 1000, signal)) {
      await ledger.retry()
      await takeCareOfNew().catch(sayIfDisk)
    }
  }

  /** What the disk refuses now it may give at the next check; those who are kept already are kept on. */
  function sayIfDisk(error: unknown): void {
    if (!(error instanceof RuntimeError)) throw error
    parts.log.error({ err: error }, 'new agents cannot be looked for now')
  }

  const service = createService(async (signal, ready) => {
    try {
      await takeCareOfNew()
      ready()
      await Promise.race([keepOn(signal), fault.promise])
    } finally {
      // Nothing is begun any more, and what is under way comes to its end; the agents run on.
      life.abort()
      await Promise.all([...keepers.values()].map((keeper) => keeper.close()))
    }
  })

  return {
    service,
    start: (name) => keeperOf(name).start(),
    stop: (name) => keeperOf(name).stop(),
    applyLimits: (name) => keeperOf(name).applyLimits(),
    condemn: (name, attempt, forced) => keeperOf(name).condemn(attempt, forced),
    limitsOf: (name) => keeperOf(name).limits(),
    busyOf: (name) => keeperOf(name).busy(),
    healthOf: (name) => keeperOf(name).health(),
    lookAgain: (name) => keeperOf(name).lookAgain(),
    observe() {
      // The clock is a file to be read: once for all.
      const now = parts.clock.uptime()
      return new Map(Object.keys(ledger.read().agents).map((name) => [name, keeperOf(name).view(now)]))
    },
    changed: (name, signal) => keeperOf(name).changed(signal),
  }
}

function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
