import { setTimeout as sleep } from 'node:timers/promises'
import { groupsOf } from './control-groups.ts'
import { agentNumber, processesOf } from './processes-of.ts'
import { cpuTimeOf, type Memory, memoryOf } from './resources.ts'

/** What a supervisor costs while nothing happens. */
export interface Idle {
  readonly daemon: Memory
  /** All its other processes but the agents. */
  readonly helpers: Memory & { readonly count: number }
  /** Daemon and helpers, in percent of one core. */
  readonly cpuPercent: number
  /** How many agents were in a control group that is not everyone's. */
  readonly grouped: number
}

/** Whose idleness is looked at. */
export interface Subject {
  readonly directory: string
  readonly daemon: number
}

/** Looks at all of them over the same seconds; what they hold is taken at the end. */
export async function observeIdle(subjects: readonly Subject[], seconds: number): Promise<Idle[]> {
  const before = subjects.map((subject) => cpuTimeOf(ownProcesses(subject)))
  const since = performance.now()
  await sleep(seconds * 1000)
  const passed = performance.now() - since
  return subjects.map((subject, index) => {
    const helpers = ownProcesses(subject).filter((pid) => pid !== subject.daemon)
    return {
      daemon: memoryOf([subject.daemon]),
      helpers: { count: helpers.length, ...memoryOf(helpers) },
      cpuPercent: ((cpuTimeOf(ownProcesses(subject)) - (before[index] ?? 0)) / passed) * 100,
      grouped: agentsOf(subject).filter((pid) => groupsOf(pid).length > 0).length,
    }
  })
}

function ownProcesses({ directory, daemon }: Subject): number[] {
  const others = processesOf(directory).filter((each) => agentNumber(each) === undefined && each.pid !== daemon)
  return [daemon, ...others.map(({ pid }) => pid)]
}

function agentsOf({ directory }: Subject): number[] {
  return processesOf(directory)
    .filter((each) => agentNumber(each) !== undefined)
    .map(({ pid }) => pid)
}
