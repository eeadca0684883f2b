import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '@bootagent/runtime'
import type { LimitsDriver, Reckoning } from '../limits/driver.ts'
import { lacksDescriptors } from '../shortage.ts'
import { startedAt } from '../supervise/process-identity.ts'
import { type CpuReading, cpuShare } from './cpu-share.ts'
import { countDescriptors, type ProcessTime, readProcess, readProcesses, readRss } from './read-process.ts'
import type { Sampler, Usage, UsageSubject } from './usage.ts'

/** Two samples closer than this, in seconds, are one: between them there are too few ticks of the kernel to count. */
const CLOSEST = 0.5
/** What was not sampled for so many seconds is forgotten. */
const FORGOTTEN = 3600

interface Sample {
  readonly main: string
  readonly reading: CpuReading
  readonly usage: Usage
}

/**
 * Samples from the kernel's own counts where an agent has a group, else from `/proc`, process by process. A process counts only by
 * its pid and its start time together.
 */
export function createSampler({ driver, clock }: { readonly driver: LimitsDriver; readonly clock: Clock }): Sampler {
  const samples = new Map<string, Sample>()

  function sampleOne(subject: UsageSubject, all: () => readonly ProcessTime[]): Usage | undefined {
    const main = readProcess(subject.pid)
    const before = samples.get(subject.name)
    const sameAttempt = before?.reading.attempt === subject.attempt
    // Gone, or its pid already given again.
    if (main === undefined || (sameAttempt && before.main !== nameOf(main))) return undefined
    const at = clock.uptime()
    if (sameAttempt && at - before.reading.at < CLOSEST) return before.usage
    const reckoning = driver.tracks
      ? driver.reckon({ agent: subject.name, attempt: subject.attempt }, ['cpuUsec', 'memoryBytes'])
      : undefined
    const processes = driver.tracks ? inGroup(driver, subject, main) : relatedTo(main, all())
    const reading = { attempt: subject.attempt, at, since: startedAt(main), ...spentBy(processes, reckoning) }
    const usage: Usage = {
      cpu: cpuShare(sameAttempt ? before.reading : undefined, reading),
      rss: reckoning?.memoryBytes ?? sum(processes.map(({ pid }) => readRss(pid))),
      fds: sum(processes.map(({ pid }) => countDescriptors(pid))),
      processes: processes.length,
    }
    samples.set(subject.name, { main: nameOf(main), reading, usage })
    return usage
  }

  return {
    async sample(subjects) {
      const all = once(readProcesses)
      const usages = new Map<string, Usage>()
      for (const subject of subjects) {
        const usage = unlessShort(() => sampleOne(subject, all))
        if (usage !== undefined) usages.set(subject.name, usage)
        // A hundred agents are a thousand reads: what is urgent goes between them.
        await nextTurn()
      }
      const now = clock.uptime()
      for (const [name, { reading }] of samples) if (now - reading.at > FORGOTTEN) samples.delete(name)
      return usages
    },
  }
}

/** A host that has no descriptors left shows nothing of an agent's use: that is not known then, and no reason to end. */
function unlessShort<Value>(look: () => Value): Value | undefined {
  try {
    return look()
  } catch (error) {
    if (!lacksDescriptors(error)) throw error
    return undefined
  }
}

/** Two processes may be started within one tick of the kernel's, and a pid is given again: both together are one process. */
function nameOf({ pid, started }: ProcessTime): string {
  return `${pid}.${started}`
}

/** The group's, with the main process even where it is not in the group. */
function inGroup(driver: LimitsDriver, { name, attempt }: UsageSubject, main: ProcessTime): ProcessTime[] {
  const others = driver.processes({ agent: name, attempt }).filter((pid) => pid !== main.pid)
  return [main, ...others.flatMap((pid) => readProcess(pid) ?? [])]
}

/** The main process, its descendants, and whoever is in its session; but not the shim that leads that. */
function relatedTo(main: ProcessTime, all: readonly ProcessTime[]): ProcessTime[] {
  const ours = new Map([[main.pid, main]])
  for (let before = 0; before !== ours.size; ) {
    before = ours.size
    for (const each of all) {
      if (ours.has(each.parent) || (each.session === main.session && each.pid !== main.parent)) ours.set(each.pid, each)
    }
  }
  return [...ours.values()]
}

function spentBy(processes: readonly ProcessTime[], reckoning: Reckoning | undefined): Pick<CpuReading, 'counted' | 'spent'> {
  if (reckoning?.cpuUsec !== undefined) return { counted: 'together', spent: new Map([['group', reckoning.cpuUsec / 1e6]]) }
  return { counted: 'singly', spent: new Map(processes.map((each) => [nameOf(each), each.spent])) }
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined
  return () => (made ??= { value: make() }).value
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, each) => total + each, 0)
}
