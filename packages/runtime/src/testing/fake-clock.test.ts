import { expect, test } from 'vitest'
import { createFakeClock } from './fake-clock.ts'

test('it stands still until it is moved', async () => {
  const clock = createFakeClock(5_000)
  expect([clock.now(), clock.uptime()]).toEqual([5_000, 1_000])
  await clock.advance(1_500)
  expect([clock.now(), clock.uptime()]).toEqual([6_500, 1_001.5])
})

test('sleepers wake in the order of their times, whatever the order they lay down in', async () => {
  const clock = createFakeClock(0)
  const woken: [name: string, at: number][] = []
  for (const [name, ms] of Object.entries({ late: 300, early: 100, middle: 200, 'also early': 100, never: 301 })) {
    void clock.sleep(ms).then(() => woken.push([name, clock.now()]))
  }
  await clock.advance(300)
  expect(woken).toEqual([
    ['early', 100],
    ['also early', 100],
    ['middle', 200],
    ['late', 300],
  ])
})

// A loop that works every second must run ten times in ten seconds, however far the test moves at once.
test('who lies down again within the time is woken again', async () => {
  const clock = createFakeClock(0)
  const ticks: number[] = []
  const loop = async () => {
    while (await clock.sleep(1_000)) ticks.push(clock.now())
  }
  void loop()
  await clock.advance(3_500)
  expect(ticks).toEqual([1_000, 2_000, 3_000])
})

test('a stepped wall clock wakes nobody and leaves the uptime', async () => {
  const clock = createFakeClock(0)
  let awake = false
  void clock.sleep(1_000).then(() => (awake = true))
  clock.step(-3_600_000)
  await clock.advance(999)
  expect([awake, clock.now(), clock.uptime()]).toEqual([false, -3_599_001, 1_000.999])
  await clock.advance(1)
  expect(awake).toBe(true)
})

test('an aborted sleep ends at once, and its time passes unnoticed', async () => {
  const clock = createFakeClock()
  const abort = new AbortController()
  const sleep = clock.sleep(1_000, abort.signal)
  abort.abort()
  expect(await sleep).toBe(false)
  expect(await clock.sleep(1_000, abort.signal)).toBe(false)
  await clock.advance(2_000)
})

test('a test can wait until so many sleep', async () => {
  const clock = createFakeClock()
  const two = clock.sleeping(2)
  void clock.sleep(10)
  let rested = false
  void two.then(() => (rested = true))
  await clock.advance(0)
  expect(rested).toBe(false)
  void clock.sleep(20)
  await two
  await clock.sleeping()
})
