import { CAUSES, type Cause } from '@bootagent/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { causeOf, type EndFacts } from './cause-of.ts'

const ran: EndFacts = { requested: false, became: true }

test.each<[Cause | undefined, string, Partial<EndFacts>]>([
  [undefined, 'a stop that was asked for, with its KILL', { requested: true, signal: 'SIGKILL' }],
  [undefined, 'a stop that was asked for, in which the kernel was quicker', { requested: true, signal: 'SIGKILL', oomKills: 1 }],
  ['unhealthy', 'the signal we sent for its bad health', { forced: 'unhealthy', signal: 'SIGKILL' }],
  ['not-ready', 'the exit 0 with which it obeyed us', { forced: 'not-ready', code: 0 }],
  ['over-limit', 'our kill, in which the kernel was quicker', { forced: 'over-limit', signal: 'SIGKILL', oomKills: 1 }],
  ['oom', 'a KILL that the kernel counted', { signal: 'SIGKILL', oomKills: 1 }],
  ['signal', 'a KILL that it did not count', { signal: 'SIGKILL', oomKills: 0 }],
  ['signal', 'a KILL where nothing counts', { signal: 'SIGKILL' }],
  ['oom', 'an exit after its child was killed at the limit', { code: 1, oomKills: 2 }],
  ['oom', 'a shim killed with it, where the kernel has counted', { oomKills: 1 }],
  ['lost', 'no word of the shim', {}],
  ['lost', 'no word of the shim, of a start nobody saw', { became: false }],
  ['start-failed', 'a shell that could not be prepared', { code: 125, became: false }],
  ['start-failed', 'a program that is not executable', { code: 126, became: false }],
  ['start-failed', 'a program that is missing', { code: 127, became: false }],
  ['exit-code', 'a program that ends as a shell would', { code: 127 }],
  ['exit-code', 'another code, of a start nobody saw', { code: 1, became: false }],
  ['signal', 'a signal, to a start nobody saw', { signal: 'SIGTERM', became: false }],
  ['exit-code', 'an exit 0', { code: 0 }],
])('%s: %s', (cause, _what, facts) => {
  expect(causeOf({ ...ran, ...facts })).toBe(cause)
})

test('whatever is known of it, an end has a cause exactly when nobody asked for it, and ours before all others', () => {
  const facts: fc.Arbitrary<EndFacts> = fc.record({
    requested: fc.boolean(),
    code: fc.option(fc.nat(255), { nil: undefined }),
    signal: fc.constantFrom(undefined, 'SIGKILL', 'SIGSEGV'),
    forced: fc.constantFrom(undefined, ...CAUSES),
    oomKills: fc.constantFrom(undefined, 0, 1),
    became: fc.boolean(),
  })
  fc.assert(
    fc.property(facts, (each) => {
      const cause = causeOf(each)
      expect(cause === undefined).toBe(each.requested)
      if (!each.requested && each.forced !== undefined) expect(cause).toBe(each.forced)
    }),
  )
})
