import process from 'node:process'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Deed, ENDS, type History, historyOf } from './deeds.ts'
import { liveHistory } from './live-history.ts'

const HISTORIES = 1_000_000
/** So that the loop of events goes on, and the runner hears from us. */
const AT_ONCE = 5000

/**
 * Always the same million, or the one from the seed POLICY_FIRST on. POLICY_SEED is the seed of one history alone, to live through it
 * again with its story: `POLICY_SEED=42 vitest run policy-model`.
 */
const ONLY = process.env['POLICY_SEED']

/** Lives through the history of a seed; what is wrong is told with its whole story. */
function liveSeed(seed: number): void {
  try {
    liveHistory(historyOf(seed))
  } catch (error) {
    throw new Error(`POLICY_SEED=${seed}: ${String(error)}\n${storyOf(historyOf(seed))}`, { cause: error })
  }
}

function storyOf(history: History): string {
  const story = [JSON.stringify({ host: history.host, releases: history.releases })]
  try {
    liveHistory(history, (line) => story.push(line))
  } catch (error) {
    story.push(String(error))
  }
  return story.join('\n')
}

// Exits of every cause, requested stops, resets, upgrades, reboots, our own deaths and steps of the wall clock, in any order.
test('in a million histories the policy does what the seed says', { timeout: 600_000, skip: ONLY !== undefined }, async () => {
  const first = Number(process.env['POLICY_FIRST'] ?? 0)
  for (let done = 0; done < HISTORIES; done += AT_ONCE) {
    for (let index = 0; index < AT_ONCE; index += 1) liveSeed(first + done + index)
    await nextTurn()
  }
})

test.runIf(ONLY !== undefined)('the history of POLICY_SEED', () => {
  console.log(storyOf(historyOf(Number(ONLY))))
  liveSeed(Number(ONLY))
})

const seconds = (max: number) => fc.double({ min: 0, max, noNaN: true })
const settings = {
  delay: fc.constantFrom(0, 5, 180),
  window: fc.constantFrom(20, 900),
  strikes: fc.nat(4),
  check: fc.constantFrom(10, 60),
  exitCodes: fc.constantFrom([], [0], [0, 127]),
}
const deeds: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('life'),
      seconds: seconds(3000),
      end: fc.constantFrom(...ENDS),
      unnoticed: seconds(60),
    }),
  },
  fc.record({ kind: fc.constant('wait'), seconds: seconds(400) }),
  fc.constantFrom<Deed>({ kind: 'stop' }, { kind: 'start' }, { kind: 'half-reset' }, { kind: 'reboot' }),
  fc.record({ kind: fc.constant('release'), orderly: fc.boolean() }),
  fc.record({ kind: fc.constant('death'), down: seconds(500), end: fc.constantFrom(undefined, ...ENDS) }),
  fc.record({ kind: fc.constant('clock'), days: fc.constantFrom(-1, 1) }),
  fc.record({ kind: fc.constant('hindered'), seconds: seconds(300) }),
)
const histories: fc.Arbitrary<History> = fc.record({
  host: fc.record(settings),
  releases: fc.tuple(fc.record(settings, { requiredKeys: [] }), fc.record(settings, { requiredKeys: [] })),
  deeds: fc.array(deeds, { maxLength: 12 }),
})

// The same, told shorter where it fails: these shrink to the deeds that matter.
test('in any history the policy does what the seed says', () => {
  fc.assert(
    fc.property(histories, (history) => void liveHistory(history)),
    { numRuns: 3000 },
  )
})

test('the wall clock moves nothing, however it steps', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const steady = { ...history, deeds: history.deeds.map((deed) => (deed.kind === 'clock' ? { ...deed, days: 0 } : deed)) }
      expect(liveHistory(history)).toEqual(liveHistory(steady))
    }),
  )
})

// Whatever it goes through, an agent that only ever fails early is given up, and after that there is no start any more.
test('an agent that fails at once, again and again, has exactly one start more than strikes', () => {
  const failing = fc.constantFrom('code', 'signal', 'oom', 'forced', 'missing', 'lost') as fc.Arbitrary<(typeof ENDS)[number]>
  fc.assert(
    fc.property(fc.nat(5), fc.array(failing, { minLength: 7, maxLength: 12 }), (strikes, ends) => {
      const host = { delay: 180, window: 900, strikes, check: 60, exitCodes: [] }
      const lives = ends.map((end): Deed => ({ kind: 'life', seconds: 1, end, unnoticed: 0 }))
      const { starts, fatal } = liveHistory({ host, releases: [{}, {}], deeds: lives })
      expect({ starts: starts.length, fatal }).toEqual({ starts: strikes + 1, fatal: true })
    }),
  )
})
