import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Usage } from '../usage/usage.ts'
import type { LimitName } from './driver.ts'
import { CHECKS_OVER, type ChecksOver, enforcedFor, judgeUsage, type UsageVerdict } from './over-limit.ts'

const MB = 1024 ** 2
const NOTHING: ReadonlySet<LimitName> = new Set()
const limits = { cpuPercent: 10, memoryBytes: 20 * MB, pids: 5 }

function usage(rest: Partial<Usage> = {}): Usage {
  return { cpu: 0, rss: 0, fds: 0, processes: 1, ...rest }
}

/** The verdict after all these checks, each with what it saw. */
function after(seen: readonly (Usage | undefined)[], enforced = NOTHING): UsageVerdict {
  return seen.reduce<UsageVerdict>(({ over }, each) => judgeUsage({ limits, enforced, usage: each, over }), { over: {} })
}

test('five checks in a row over a limit, and it is killed, with the figures of the last', () => {
  const seen = [21, 22, 23, 24, 25.25].map((megabytes) => usage({ rss: megabytes * MB }))
  expect(after(seen.slice(0, 4))).toEqual({ over: { memory: 4 } })
  expect(after(seen)).toEqual({ over: { memory: 5 }, kill: { detail: '25.3 MB of 20 MB, 5 checks in a row' } })
})

test.each([
  [{ cpu: 99.96 }, '100% of a core of 10% of a core, 5 checks in a row'],
  [{ processes: 6 }, '6 processes of 5 processes, 5 checks in a row'],
  [{ cpu: 50, processes: 6 }, '50% of a core of 10% of a core and 6 processes of 5 processes, 5 checks in a row'],
])('%j is over, and said as %s', (rest, detail) => {
  expect(after(Array.from({ length: 5 }, () => usage(rest))).kill).toEqual({ detail })
})

test('what is used up to the limit is not over it', () => {
  const full = usage({ cpu: 10, rss: 20 * MB, processes: 5 })
  expect(after(Array.from({ length: 9 }, () => full))).toEqual({ over: {} })
})

test('what has no limit, and what the kernel holds, is not watched', () => {
  const much = usage({ cpu: 1e6, rss: 1e15, processes: 1e6 })
  const nine = Array.from({ length: 9 }, () => much)
  expect(after(nine, new Set(['CPU', 'memory', 'pids']))).toEqual({ over: {} })
  expect(judgeUsage({ limits: {}, enforced: NOTHING, usage: much, over: { CPU: 4 } })).toEqual({ over: {} })
})

test('limits that were not applied are watched, though the host holds others to them', () => {
  const unapplied = [{ limit: 'memory', why: 'EBUSY' } as const]
  expect([...enforcedFor(new Set(['CPU', 'memory', 'nofile']), unapplied)]).toEqual(['CPU', 'nofile'])
})

const anyUsage = fc.option(
  fc.record({
    cpu: fc.constantFrom(0, 10, 10.1, 500, Number.NaN, Number.POSITIVE_INFINITY),
    rss: fc.constantFrom(0, 20 * MB, 20 * MB + 1, Number.NaN),
    fds: fc.nat(),
    processes: fc.constantFrom(1, 5, 6),
  }),
  { nil: undefined },
)

test('it is killed exactly when five checks that saw something, one after the other, were over one limit', () => {
  fc.assert(
    fc.property(fc.array(anyUsage, { maxLength: 40 }), (seen) => {
      let over: ChecksOver = {}
      for (const [at, each] of seen.entries()) {
        const verdict = judgeUsage({ limits, enforced: NOTHING, usage: each, over })
        ;({ over } = verdict)
        expect(verdict.kill !== undefined).toBe(isOver(seen.slice(0, at + 1)))
      }
    }),
  )
})

/** The rule once more, from the whole history instead of a count. */
function isOver(seen: readonly (Usage | undefined)[]): boolean {
  const figures = [
    [limits.cpuPercent, (each: Usage) => each.cpu],
    [limits.memoryBytes, (each: Usage) => each.rss],
    [limits.pids, (each: Usage) => each.processes],
  ] as const
  return figures.some(([most, figure]) => {
    const known = seen.map((each) => (each === undefined ? Number.NaN : figure(each)))
    if (!Number.isFinite(known.at(-1))) return false
    const last = known.filter(Number.isFinite).slice(-CHECKS_OVER)
    return last.length === CHECKS_OVER && last.every((each) => each > most)
  })
}
