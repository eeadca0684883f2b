import { expect, test } from 'vitest'
import { changeAgent, type Metafile, NEW_AGENT, newMetafile } from '../state/metafile-schema.ts'
import type { Attempt } from './attempt.ts'
import { endingOf, type ExitFacts, readStatus, recordExit } from './exit-record.ts'
import { DEFAULT_POLICY } from './restart-policy.ts'

const release = { version: '1', digest: 'a', run: { exec: 'x' }, envs: {}, limits: {}, restart: {} }
const host: Metafile = {
  ...newMetafile({ identity: { agentsn: 'a', source: 'random', machine: '', standing: 'claimed' }, svrlist: '', step: 600 }),
  agents: { metrics: { ...NEW_AGENT, release: '1-aaaaaaaa', releases: { '1-aaaaaaaa': release } } },
}
const attempt: Attempt = {
  id: '000003-80000000',
  directory: '/run/agents/metrics/000003-80000000',
  boot: 'this-boot',
  release: '1-aaaaaaaa',
  shim: { pid: 10, started: 100_000 },
  main: { pid: 11, started: 100_001 },
  stopping: false,
  exit: { status: 3, at: 1010.01 },
}
const facts: ExitFacts = { attempt, ending: endingOf(attempt, undefined, 2000), policy: DEFAULT_POLICY, time: 77 }

test('an exit is read from what the shim wrote, in its own time', () => {
  expect(endingOf(attempt, undefined, 2000)).toEqual({ requested: false, spread: 0.5, code: 3, lived: 10, at: 1010.01 })
})

test('a status above 128 is a signal only where there is such a signal', () => {
  expect([0, 128, 129, 137, 139, 255].map(readStatus)).toEqual([
    { code: 0 },
    { code: 128 },
    { signal: 'SIGHUP' },
    { signal: 'SIGKILL' },
    { signal: 'SIGSEGV' },
    { code: 255 },
  ])
})

test('without the word of the shim nothing is said of how it ended, and it lived as long as it was seen', () => {
  const { exit: _, ...unknown } = attempt
  expect(endingOf(unknown, { attempt: attempt.id, at: 1500.01 }, 2000)).toEqual({
    requested: false,
    spread: 0.5,
    lived: 500,
    at: 2000,
  })
  expect(endingOf(unknown, { attempt: '000002-00000000', at: 1500 }, 2000)).toMatchObject({ lived: 0 })
})

test('an exit is put on record once, with its strike', () => {
  const once = recordExit('metrics', facts)(host)
  expect(once.agents['metrics']).toMatchObject({
    strikes: 1,
    fatal: false,
    exits: [{ attempt: attempt.id, code: 3, abnormal: true }],
  })
  expect(recordExit('metrics', facts)(once)).toBe(once)
})

test('the fourth strike in a row is fatal', () => {
  const struck = changeAgent('metrics', (agent) => ({ ...agent, strikes: 3 }))(host)
  expect(recordExit('metrics', facts)(struck).agents['metrics']).toMatchObject({ strikes: 4, fatal: true })
})

test('the exit of another release than the one that is to run is on record, and no strike', () => {
  const switched = changeAgent('metrics', (agent) => ({ ...agent, release: '2-bbbbbbbb' }))(host)
  expect(recordExit('metrics', facts)(switched).agents['metrics']).toMatchObject({ strikes: 0, exits: [{ abnormal: true }] })
})

test('the last five exits are kept', () => {
  const ids = Array.from({ length: 7 }, (_, index) => `00000${index}-00000000`)
  const after = ids.reduce((metafile, id) => recordExit('metrics', { ...facts, attempt: { ...attempt, id } })(metafile), host)
  expect(after.agents['metrics']?.exits.map((exit) => exit.attempt)).toEqual(ids.slice(2))
})
