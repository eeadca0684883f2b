import { type Chance, openChance } from '../world/chance.ts'
import { AGENTS, VERSIONS } from '../world/packages.ts'
import type { Deed, History, Order } from './deed.ts'

/** How large the histories are. */
export interface Scale {
  /** Instead of 2 to 5. */
  readonly hosts?: number | undefined
}

/** Draws a history from its seed: what operators ask, and what goes wrong meanwhile. */
export function drawHistory(seed: number, { hosts: fixed }: Scale = {}): History {
  const chance = openChance(seed, 'history')
  const hosts = fixed ?? chance.pick([2, 2, 2, 2, 3, 3, 4, 5])
  const deeds: Deed[] = []
  const rounds = chance.whole(3, 8)
  // Some worlds are calm, and some are not: a fault that is never alone hides those it goes with.
  const trouble = chance.pick([1, 2, 3, 5])
  let at = chance.whole(1, 30)
  for (let round = 0; round < rounds; round++) {
    for (let orders = chance.pick([1, 1, 1, 2, 3]); orders > 0; orders--)
      deeds.push({ at: at + chance.whole(0, 20), kind: 'order', ...drawOrder(chance, { hosts, first: round === 0 }) })
    if (chance.oneIn(5)) deeds.push({ at: at + chance.whole(5, 140), kind: 'cancel', back: chance.whole(0, 2) })
    for (let faults = chance.whole(0, trouble); faults > 0; faults--)
      deeds.push(drawFault(chance, hosts, at + chance.whole(0, 150)))
    at += chance.pick([15, 70, 130, 130, 200, 300, 900])
  }
  return { seed, hosts: everyone(hosts), deeds: deeds.toSorted((a, b) => a.at - b.at) }
}

function drawOrder(chance: Chance, { hosts, first }: { hosts: number; first: boolean }): Order {
  const name = chance.pick([AGENTS[0], AGENTS[0], AGENTS[0], AGENTS[1], AGENTS[2]])
  const whom = { hosts: chance.oneIn(2) ? [chance.whole(0, hosts - 1)] : everyone(hosts), name }
  const limited = chance.oneIn(12) ? { deadline: chance.whole(0, 300) } : {}
  if (first) return { ...whom, action: 'install', version: chance.pick(['1.0', '1.0', '1.0', '2.0']) }
  switch (chance.whole(0, 19)) {
    case 0:
    case 1:
    case 2:
      return { ...whom, ...limited, action: 'install', version: chance.pick(VERSIONS) }
    case 3:
    case 4:
    case 5:
    case 6:
    case 7:
      return {
        ...whom,
        ...limited,
        ...drawExpect(chance),
        action: 'upgrade',
        version: chance.pick(VERSIONS),
        ...(chance.oneIn(3) ? { force: true } : {}),
      }
    case 8:
      return { ...whom, action: 'upgrade', version: chance.pick(VERSIONS), envs: { MODE: chance.pick(['a', 'b']) } }
    case 9:
    case 10:
    case 11:
      return { ...whom, ...limited, action: 'rollback' }
    case 12:
      return { ...whom, ...limited, action: 'uninstall', ...(chance.oneIn(2) ? { purge: true } : {}) }
    case 13:
    case 14:
      return { ...whom, ...limited, action: 'stop' }
    case 15:
      return { ...whom, ...limited, action: 'start' }
    case 16:
    case 17:
      return { ...whom, ...limited, action: 'restart' }
    case 18:
      return { ...whom, action: 'reset' }
    default:
      return { hosts: whom.hosts, action: 'config', ...drawConfig(chance) }
  }
}

function everyone(hosts: number): number[] {
  return Array.from({ length: hosts }, (_, host) => host)
}

function drawExpect(chance: Chance): Pick<Order, 'expect'> {
  return chance.oneIn(6) ? { expect: chance.pick(VERSIONS) } : {}
}

function drawConfig(chance: Chance): Pick<Order, 'step' | 'svrlist'> {
  if (chance.oneIn(2)) return { step: chance.pick([60, 90, 600, 5]) }
  return { svrlist: chance.pick(['control', 'control:8180,away', 'away:1,away:2']) }
}

function drawFault(chance: Chance, hosts: number, at: number): Deed {
  const host = chance.whole(0, hosts - 1)
  const lasts = chance.pick([20, 60, 120, 400, 1500])
  // Most of what a job does it does in its first hundred changes of the disk; the rest is waiting.
  const after = chance.oneIn(4) ? 0 : chance.whole(1, chance.pick([20, 100, 250]))
  const away = chance.pick([1, 5, 5, 30, 200])
  switch (chance.whole(0, 19)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return { at, kind: 'kill', host, after, away }
    case 4:
    case 5:
    case 6:
    case 7:
      return { at, kind: 'power cut', host, after, away }
    case 8:
    case 9:
      return { at, kind: 'server dies', after: chance.oneIn(3) ? 0 : chance.whole(1, 12), away: chance.pick([1, 30, 200]) }
    case 10:
    case 11:
    case 12:
      return {
        at,
        kind: 'network',
        host,
        lasts,
        fault: chance.pick(['lost before', 'lost after', 'lost after', 'cut', 'doubled', 'slow', 'bad']),
      }
    case 13:
      return { at, kind: 'answers', host, lasts, fault: chance.pick(['doubled', 'reversed', 'mixed', 'old again', 'old again']) }
    case 14:
      return { at, kind: 'mirror', host, lasts, fault: chance.pick(['unreachable', 'cut', 'other bytes']) }
    case 15:
      return { at, kind: 'clock', host, by: chance.pick([-86_400, -3600, -30, 30, 3600, 86_400 * 30]) }
    case 16:
      return { at, kind: chance.oneIn(2) ? 'disk stands still' : 'disk full', host, lasts }
    case 17:
      return {
        at,
        kind: 'disk fails',
        host,
        operation: chance.pick(['make', 'write', 'sync', 'sync', 'name']),
        after: chance.whole(1, 40),
      }
    case 18:
      return chance.oneIn(2)
        ? { at, kind: 'deaf', host, lasts }
        : { at, kind: 'order at host', host, action: chance.pick(['start', 'stop', 'restart', 'reset']), name: AGENTS[0] }
    default:
      return { at, kind: 'strange job', host, like: chance.pick(['same id', 'malformed', 'unknown action', 'nameless']) }
  }
}
