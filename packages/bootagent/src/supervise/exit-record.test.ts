import type { RestartSettings } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { exampleAgent, exampleExit } from '../../test/scenes/example-metafile.ts'
import { changeAgent, type Metafile, NEW_AGENT, newMetafile, readMetafile } from '../state/metafile-schema.ts'
import type { Attempt } from './attempt.ts'
import { countRestart, endingOf, followsFailure, type EndWitness, type ExitFacts, readStatus, recordExit } from './exit-record.ts'
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
  ready: true,
  exit: { status: 3, at: 1010.01 },
}
const ran: EndWitness = { seen: undefined, now: 2000, became: true }
const facts: ExitFacts = { attempt, ending: endingOf(attempt, ran), policy: DEFAULT_POLICY, time: 77 }

/** What is on record after the attempt's end, with the release's own settings. */
function recorded(change: Partial<Attempt>, witness: Partial<EndWitness> = {}, restart: RestartSettings = {}) {
  const changed = { ...attempt, ...change }
  const own = changeAgent('metrics', (agent) => ({ ...agent, releases: { '1-aaaaaaaa': { ...release, restart } } }))(host)
  const after = recordExit('metrics', { ...facts, attempt: changed, ending: endingOf(changed, { ...ran, ...witness }) })(own)
  const { strikes, fatal, exits } = after.agents['metrics'] ?? NEW_AGENT
  return { strikes, fatal, exit: exits.at(-1) }
}

test('an exit is read from what the shim wrote, in its own time', () => {
  expect(endingOf(attempt, ran)).toEqual({
    requested: false,
    spread: 0.5,
    code: 3,
    cause: 'exit-code',
    lived: 10,
    at: 1010.01,
  })
})

test('an exit that is said to be in the future is now, so that it puts nothing off for ever', () => {
  expect(endingOf({ ...attempt, exit: { status: 3, at: 1e12 } }, ran)).toMatchObject({ at: 2000 })
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
  expect(endingOf(unknown, { ...ran, seen: { attempt: attempt.id, at: 1500.01 } })).toEqual({
    requested: false,
    spread: 0.5,
    cause: 'lost',
    lived: 500,
    at: 2000,
  })
  expect(endingOf(unknown, { ...ran, seen: { attempt: '000002-00000000', at: 1500 } })).toMatchObject({ lived: 0 })
})

test('what we forced is a failure with its cause, though the attempt is marked as stopping and obeyed with exit 0', () => {
  const forced = { cause: 'unhealthy', detail: 'answered 503' } as const
  const { exit, strikes } = recorded({ stopping: true, forced, exit: { status: 0, at: 1010.01 } }, {}, { exitCodes: [0] })
  expect(exit).toMatchObject({ abnormal: true, code: 0, cause: 'unhealthy', detail: 'answered 503' })
  expect(strikes).toBe(1)
})

test('a status of 127 is a failed start only where its program was not seen, nor can have been there', () => {
  const missing = { status: 127, at: 1000.05 }
  expect(recorded({ exit: missing }, { became: false }).exit).toMatchObject({
    cause: 'start-failed',
    detail: 'the program, or what it needs to run, is missing',
  })
  expect(recorded({ exit: missing }).exit).toMatchObject({ cause: 'exit-code' })
  // It ended while we were down, a long time after its start.
  expect(recorded({ exit: { status: 127, at: 1500 } }, { became: false }).exit).toMatchObject({ cause: 'exit-code' })
})

test('a start that was refused is told in the words of the refusal', () => {
  const { main: _, ...never } = attempt
  const refused = 'there is no user "metrics"'
  const { exit } = recorded({ ...never, refused, exit: { status: 126, at: 1000 } })
  expect(exit).toMatchObject({ cause: 'start-failed', detail: refused })
})

test("the kernel's counter makes an oom of a KILL", () => {
  const killed = { exit: { status: 137, at: 1010 } }
  expect(recorded(killed, { oomKills: 1 }).exit).toMatchObject({ signal: 'SIGKILL', cause: 'oom' })
  expect(recorded(killed, { oomKills: 0 }).exit).toMatchObject({ signal: 'SIGKILL', cause: 'signal' })
})

test('a stop that was asked for is no strike and has no cause, even by KILL and with the limit reached', () => {
  const { exit, strikes } = recorded({ stopping: true, exit: { status: 137, at: 1010 } }, { oomKills: 1 })
  expect(exit).toMatchObject({ abnormal: false })
  expect(exit).not.toHaveProperty('cause')
  expect(strikes).toBe(0)
})

test('a code that is listed is no strike and has no cause', () => {
  const { exit, strikes } = recorded({}, {}, { exitCodes: [3] })
  expect(exit).toMatchObject({ abnormal: false })
  expect(exit).not.toHaveProperty('cause')
  expect(strikes).toBe(0)
})

test('a start follows a failure of the same release in the same boot, and after a reboot the reboot', () => {
  const exit = exampleExit()
  const agent = exampleAgent({ release: exit.release, exits: [exit] })
  expect(followsFailure(agent, exit.bootid)).toBe(true)
  expect(followsFailure(agent, 'the next boot')).toBe(false)
  expect(followsFailure({ ...agent, release: 'another' }, exit.bootid)).toBe(false)
  expect(followsFailure({ ...agent, exits: [{ ...exit, abnormal: false }] }, exit.bootid)).toBe(false)
})

test('a restart is counted once, however often the count is made', () => {
  const count = countRestart('metrics', 1)
  expect(count(count(host)).agents['metrics']?.restarts).toBe(1)
  expect(countRestart('gone', 1)(host)).toBe(host)
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

// What an upgrade ends, and what still ends by itself on the way, is the old program's affair.
test('the exit of another release than the one that is to run is on record, and no strike', () => {
  const switched = changeAgent('metrics', (agent) => ({ ...agent, release: '2-bbbbbbbb' }))(host)
  expect(recordExit('metrics', facts)(switched).agents['metrics']).toMatchObject({ strikes: 0, exits: [{ abnormal: true }] })
})

test('the last five exits are kept', () => {
  const ids = Array.from({ length: 7 }, (_, index) => `00000${index}-00000000`)
  const after = ids.reduce((metafile, id) => recordExit('metrics', { ...facts, attempt: { ...attempt, id } })(metafile), host)
  expect(after.agents['metrics']?.exits.map((exit) => exit.attempt)).toEqual(ids.slice(2))
})

test('an end of ours between the exit and its record counts it once: what was written is found written', () => {
  const written = recordExit('metrics', facts)(host)
  const reading = readMetafile(JSON.stringify(written))
  expect(reading).toEqual({ kind: 'ok', metafile: written })
  if (reading.kind === 'ok') expect(recordExit('metrics', facts)(reading.metafile)).toBe(reading.metafile)
})

// A full /run, or an argument list too long: the shell that was to become it never came so far as to say who it is.
test('what never wrote who it is never was its program, whatever the status', () => {
  const { main: _, ...never } = attempt
  expect(endingOf({ ...never, exit: { status: 126, at: 1010 } }, ran)).toMatchObject({ cause: 'start-failed', code: 126 })
  expect(endingOf({ ...attempt, exit: { status: 126, at: 1010 } }, ran)).toMatchObject({ cause: 'exit-code', code: 126 })
})
