import process from 'node:process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isAlive, parseStat, startedAt } from './process-identity.ts'

/** A line as the kernel writes it, with a name of our choosing. */
function line(name: string, state = 'S'): string {
  return `4711 (${name}) ${state} 42 43 44 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 123456 10 11 12`
}

test.each(['sh', 'two words', ') S 1 1 1', '(x) R', '((', '', 'a) (b', '-1 2 3'])(
  'a program that calls itself %j is read all the same',
  (name) => {
    expect(parseStat(line(name))).toEqual({ pid: 4711, state: 'S', parent: 42, session: 44, started: 123456 })
  },
)

test('no name a program gives itself changes what is read', () => {
  const names = fc.string({ unit: fc.constantFrom(...'() 0123RSZab\t'), maxLength: 15 })
  fc.assert(
    fc.property(names, (name) => {
      expect(parseStat(line(name))?.started).toBe(123456)
    }),
  )
})

test.each(['', '\n', 'rubbish', '12 (sh)', '12 (sh) S 1', line('sh').slice(0, 40), line('sh').replace('123456', 'x')])(
  '%j is no process',
  (text) => {
    expect(parseStat(text)).toBeUndefined()
  },
)

// kill(pid, 0) calls a zombie alive, which is how supervisors wait for the dead.
test.each([...'ZXx'])('a process in state %s is dead', (state) => {
  const stat = parseStat(line('sh', state))
  expect(stat && isAlive(stat)).toBe(false)
})

test('a start time in ticks is told in seconds since boot', () => {
  expect(startedAt({ pid: process.pid, started: 123456 })).toBe(1234.56)
})
