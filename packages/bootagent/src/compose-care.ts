import { formatServer, parseLimits } from '@bootagent/protocol'
import { type Log, runAll, RuntimeError, type Service } from '@bootagent/runtime'
import type { Ingredients } from './compose.ts'
import type { Particulars } from './control/picture.ts'
import { logDroppedEvent } from './event/compose-event.ts'
import { agentEnvironment } from './execute/agent-environment.ts'
import type { Announce } from './happening.ts'
import { createProbe } from './health/probe.ts'
import { chooseDriver } from './limits/choose-driver.ts'
import { describeLimits } from './limits/describe-limits.ts'
import type { LimitsDriver } from './limits/driver.ts'
import { groupKey } from './limits/group-key.ts'
import { enforcedFor } from './limits/over-limit.ts'
import { createLogCaretaker, type LogCaretaker } from './logs/caretaker.ts'
import type { DropReason } from './logs/rotate.ts'
import { allServers } from './remote/rounds.ts'
import { addEvent } from './state/events.ts'
import type { MetafileStore } from './state/metafile.ts'
import { agentPaths } from './state/paths.ts'
import { lastWords } from './supervise/last-words.ts'
import type { Ledger } from './supervise/ledger.ts'
import { DEFAULT_POLICY, policyFor } from './supervise/restart-policy.ts'
import { createSupervisor, type Supervisor } from './supervise/supervisor.ts'
import { createLimitsWatch, type WatchedAgent } from './usage/limits-watch.ts'
import { createSampler } from './usage/sampler.ts'
import type { Usage, UsageSubject } from './usage/usage.ts'

/** The care that agents are in: what keeps them running, holds them to their limits, bounds their logs, and knows about them. */
export interface Care {
  readonly supervisor: Supervisor
  readonly driver: LimitsDriver
  /** What runs beside the supervisor, and needs it. */
  readonly service: Service
  /** What every running agent uses now, by name. */
  usage(): Promise<ReadonlyMap<string, Usage>>
  /** What an operator is told of an agent beyond its record and its view. */
  particulars(name: string): Particulars
  /** The end of its log, fit to be shown. */
  lastWords(name: string): Promise<readonly string[]>
}

/** Builds it; what agents do is announced. */
export function composeCare(ingredients: Ingredients, ledger: Ledger, announce: Announce): Care {
  const metafile = ledger.store
  const { paths, config, clock, log } = ingredients
  const { driver: forced, watch } = config.limits
  const driver = chooseDriver({ key: groupKey(paths.home), log, ...(forced === undefined ? {} : { forced }) })
  log.info({ driver: driver.kind, why: driver.why }, 'limits')
  const supervisor = composeSupervisor(ingredients, ledger, { driver, announce })
  const sampler = createSampler({ driver, clock })
  const limitsWatch = createLimitsWatch({
    clock,
    sampler,
    period: watch,
    watched: () => watchedAgents({ metafile, supervisor, driver }),
    kill: (name, attempt, detail) => supervisor.condemn(name, attempt, { cause: 'over-limit', detail }),
  })
  const caretaker = createLogCaretaker({
    paths,
    names: () => Object.keys(metafile.read().agents),
    clock,
    log,
    settings: config.logs,
    dropped: (name, bytes, why) => void tellDropped({ metafile, log }, logDropped(name, { bytes, why, now: clock.now() })),
  })
  return {
    supervisor,
    driver,
    service: runAll([limitsWatch, caretaker]),
    usage: () => sampler.sample(subjectsOf(supervisor)),
    particulars: (name) => particularsOf(name, { ingredients, metafile, supervisor, driver, caretaker }),
    lastWords: async (name) => lastWords(agentPaths(paths, name).log, log),
  }
}

function composeSupervisor(
  { paths, baked, clock, random, log, config }: Ingredients,
  ledger: Ledger,
  { driver, announce }: { driver: LimitsDriver; announce: Announce },
): Supervisor {
  const metafile = ledger.store
  const server = () => allServers(metafile.read().svrlist, baked).map(formatServer)[0] ?? ''
  return createSupervisor({
    paths,
    ledger,
    clock,
    random,
    log,
    announce,
    driver,
    probe: createProbe(clock),
    settings: policyFor(DEFAULT_POLICY, config.restart),
    environment: (name) => agentEnvironment(paths, metafile.read(), { name, server: server() }),
  })
}

function subjectsOf(supervisor: Supervisor): UsageSubject[] {
  return [...supervisor.observe()].flatMap(([name, { pid, attempt }]) =>
    pid === undefined || attempt === undefined ? [] : [{ name, attempt, pid }],
  )
}

/** The running agents with limits, and what became of those. */
function watchedAgents({ metafile, supervisor, driver }: Pick<Informed, 'metafile' | 'supervisor' | 'driver'>): WatchedAgent[] {
  const limited = Object.entries(metafile.read().agents).filter(
    ([, agent]) => Object.keys(agent.releases[agent.release ?? '']?.limits ?? {}).length > 0,
  )
  if (limited.length === 0) return []
  const names = new Set(limited.map(([name]) => name))
  return subjectsOf(supervisor).flatMap((subject) => {
    const inForce = names.has(subject.name) ? supervisor.limitsOf(subject.name) : undefined
    const parsed = parseLimits(inForce?.limits ?? {})
    if (inForce === undefined || 'refused' in parsed) return []
    return [{ subject, limits: parsed.limits, enforced: enforcedFor(driver.enforced, inForce.unapplied) }]
  })
}

const DROPPED: Readonly<Record<DropReason, string>> = {
  flood: 'it writes faster than its log can be kept; have it write less, or raise logs.total',
  'disk-full': 'the disk is full; make room',
  'in-the-way': 'something else stands where its old log belongs; remove it',
}

function logDropped(name: string, { bytes, why, now }: { bytes: number; why: DropReason; now: number }) {
  const seconds = Math.floor(now / 1000)
  return logDroppedEvent({ name, bytes, why: DROPPED[why], since: seconds, now: seconds })
}

/** On a full disk nothing is noted either; the count of what was dropped goes on in memory. */
async function tellDropped(
  { metafile, log }: { metafile: MetafileStore; log: Log },
  event: ReturnType<typeof logDropped>,
): Promise<void> {
  try {
    await metafile.update(addEvent(event))
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error
    log.warn({ err: error, event }, 'output of an agent was dropped, and that cannot be noted')
  }
}

/** Whom the particulars of an agent are asked of. */
interface Informed {
  readonly ingredients: Ingredients
  readonly metafile: MetafileStore
  readonly supervisor: Supervisor
  readonly driver: LimitsDriver
  readonly caretaker: LogCaretaker
}

function particularsOf(name: string, { ingredients, metafile, supervisor, driver, caretaker }: Informed): Particulars {
  const { clock } = ingredients
  const record = metafile.read().agents[name]
  const release = record?.releases[record.release ?? '']
  const inForce = supervisor.limitsOf(name) ?? { limits: release?.limits ?? {}, unapplied: [] }
  const checked = supervisor.healthOf(name)
  const view = supervisor.observe().get(name)
  const toWallClock = (uptime: number) => Math.floor(clock.now() / 1000 - (clock.uptime() - uptime))
  const last = checked?.last
  return {
    limits: describeLimits({ limits: inForce.limits, driver, unapplied: inForce.unapplied }),
    ...(release?.health === undefined
      ? {}
      : {
          health: {
            kind: release.health.kind,
            ready: view?.state === 'running',
            ...(last === undefined ? {} : { last: { ...last, at: toWallClock(last.at) } }),
          },
        }),
    log: { dropped: caretaker.droppedBytes(name) },
  }
}
