import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { realClock, stressService } from '@bootagent/runtime/testing'
import { expect, onTestFinished, test } from 'vitest'
import { createNone } from '../../src/limits/none.ts'
import { agentPaths } from '../../src/state/paths.ts'
import { NEW_AGENT } from '../../src/state/metafile-schema.ts'
import { makeAttempt } from '../../src/supervise/attempt.ts'
import { readBootId } from '../../src/supervise/process-identity.ts'
import { RELEASE } from './host.ts'
import { fileThere, killAll, prepareStage, setStage } from './stage.ts'

const forever = { agents: { metrics: { fixture: 'runs-forever' } } }

test('an agent that is wanted runs, and is shown with its process', async () => {
  const { supervisor, hear, host } = await setStage(forever)
  const { pid, attempt } = await hear('agent-started')
  expect(supervisor.observe().get('metrics')).toMatchObject({ state: 'running', pid, attempt, release: RELEASE })
  expect(host.processes()).toContain(pid)
})

test('an agent that is not wanted is left alone', async () => {
  const { supervisor, host } = await setStage({ agents: { metrics: { fixture: 'runs-forever', record: { wanted: 'stopped' } } } })
  expect(supervisor.observe().get('metrics')).toMatchObject({ state: 'stopped', reason: 'stopped on request', uptime: 0 })
  expect(host.processes()).toEqual([])
})

test('a stop leaves no process and no strike, and lasts until a start', async () => {
  const { supervisor, hear, metafile, host, clock } = await setStage(forever)
  await hear('agent-started')
  expect(await supervisor.stop('metrics')).toEqual({ kind: 'stopped' })
  expect(host.processes()).toEqual([])
  expect(metafile.read().agents['metrics']).toMatchObject({ strikes: 0, exits: [{ signal: 'SIGTERM', abnormal: false }] })

  await clock.jump(3600)
  expect(supervisor.observe().get('metrics')).toMatchObject({ state: 'stopped', reason: 'stopped until it is started' })
  expect(await supervisor.start('metrics')).toMatchObject({ kind: 'running', pid: supervisor.observe().get('metrics')?.pid })
})

test('a start of what runs ends it first: there is never a second one', async () => {
  const { supervisor, hear, host } = await setStage(forever)
  const { pid } = await hear('agent-started')
  const again = await supervisor.start('metrics')
  expect(again).toMatchObject({ kind: 'running' })
  expect(host.processes()).not.toContain(pid)
  // The shim and the agent.
  expect(host.processes()).toHaveLength(2)
})

test('an agent gets what it was given and nothing of ours', async () => {
  process.env['SECRET_OF_THE_DAEMON'] = 'not for agents'
  const { hear, host } = await setStage({
    agents: { metrics: { fixture: 'shows-environment', args: ['two words', '$HOME', "'", ''] } },
    environment: () => ({ PATH: '/usr/bin:/bin', GREETING: 'a "b" $c\nd', line: 'kept' }),
  })
  const { exit } = await hear('agent-exited')
  const own = agentPaths(host.paths, 'metrics')
  const output = readFileSync(own.output, 'utf8').split('\n')
  expect(exit).toMatchObject({ code: 0 })
  expect(output).toEqual(
    expect.arrayContaining([
      'GREETING=a "b" $c',
      'line=kept',
      `BOOTAGENT_ATTEMPT=${own.attempts}/${exit.attempt}`,
      "arguments: two words $HOME ' ",
      `directory: ${own.data}`,
      'umask: 0022',
      'stdin: at its end',
      'to stderr',
    ]),
  )
  expect(output.join('\n')).not.toMatch(/SECRET_OF_THE_DAEMON|BOOTAGENT_LINE/)
})

// The service manager lowers our score; here it takes a right that even root may lack.
test('an agent does not inherit our protection from the out-of-memory killer', async ({ skip }) => {
  if (!protectOurselves(-500)) skip('this process may not lower its oom_score_adj')
  const { hear, host } = await setStage({ agents: { metrics: { fixture: 'shows-environment' } } })
  await hear('agent-exited')
  protectOurselves(0)
  expect(readFileSync(agentPaths(host.paths, 'metrics').output, 'utf8')).toContain('oom: 0\n')
})

// BootAgent died between the spawn and the shim's first line.
test('a process that has not said anything of itself yet is not doubled, and a stop ends it', async () => {
  const { supervisor, host } = await setStage({
    ...forever,
    before: ({ paths }) => {
      const { attempts } = agentPaths(paths, 'metrics')
      const spec = { release: RELEASE, program: 'sleep', args: [] }
      const directory = makeAttempt(attempts, '000001-00000000', { bootid: readBootId(), spec })
      spawn('sleep', ['1000000'], { detached: true, stdio: 'ignore', env: { ...process.env, BOOTAGENT_ATTEMPT: directory } })
    },
  })
  expect(supervisor.observe().get('metrics')).toMatchObject({ state: 'starting' })
  expect(await supervisor.stop('metrics')).toEqual({ kind: 'stopped' })
  expect(host.processes()).toEqual([])
  expect(readdirSync(agentPaths(host.paths, 'metrics').attempts)).toEqual(['000001-00000000'])
})

test.each([
  ['exits', ['3'], { code: 3 }],
  ['kills-itself', ['SEGV'], { signal: 'SIGSEGV' }],
  ['kills-itself', ['KILL'], { signal: 'SIGKILL' }],
  ['missing', [], { cause: 'start-failed', detail: 'the program is missing' }],
  ['not-executable', [], { cause: 'start-failed', detail: 'the program is not executable' }],
])('%s %j: how it ended is on record', async (fixture, args, how) => {
  const { hear, metafile } = await setStage({ agents: { metrics: { fixture, args } } })
  const { exit } = await hear('agent-exited')
  expect(exit).toMatchObject({ ...how, abnormal: true, release: RELEASE })
  expect(metafile.read().agents['metrics']?.exits).toEqual([exit])
})

test.each([
  ['missing', 'the program is missing'],
  ['not-executable', 'the program is not executable'],
])('a start says why there is nothing to run: %s', async (fixture, why) => {
  const { supervisor } = await setStage({ agents: { metrics: { fixture, record: { wanted: 'stopped' } } } })
  expect(await supervisor.start('metrics')).toEqual({ kind: 'failed', why })
})

test('a start of what is not installed fails and says so', async () => {
  const { supervisor } = await setStage({ agents: {} })
  expect(await supervisor.start('metrics')).toEqual({ kind: 'failed', why: 'no release is installed' })
})

test('a program that fails is not started again before its time', async () => {
  const { hear, clock, supervisor, heard } = await setStage({ agents: { metrics: { fixture: 'exits', args: ['3'] } } })
  const { until } = await hear('agent-waiting')
  // 3 minutes, and half of the jitter for the 0.5 that stands for chance.
  expect(until - clock.uptime()).toBeGreaterThan(189 - 5)
  await clock.jump(180)
  expect(supervisor.observe().get('metrics')).toMatchObject({ state: 'waiting', nextStart: until })
  expect(heard().filter((kind) => kind === 'agent-exited')).toHaveLength(1)
  await clock.jump(10)
  await hear('agent-exited')
  await hear('agent-exited')
})

// In the host's own time: the kernel's stamps do not jump.
test('a program that fails is started again by the policy, and given up at its fourth end', async () => {
  const { hear, metafile, heard } = await setStage({
    agents: { metrics: { fixture: 'exits', args: ['3'], restart: { delay: 0.05 } } },
    clock: realClock(),
  })
  expect(await hear('agent-fatal')).toMatchObject({ reason: '4 failures in a row, the last: ended with exit code 3' })
  expect(metafile.read().agents['metrics']).toMatchObject({ strikes: 4, fatal: true })
  expect(heard().filter((kind) => kind === 'agent-exited')).toHaveLength(4)
})

test('a start forgives what was given up', async () => {
  const { supervisor, metafile } = await setStage({
    agents: { metrics: { fixture: 'runs-forever', record: { fatal: true, strikes: 4 } } },
  })
  expect(supervisor.observe().get('metrics')).toMatchObject({ state: 'fatal' })
  expect(await supervisor.start('metrics')).toMatchObject({ kind: 'running' })
  expect(metafile.read().agents['metrics']).toMatchObject({ wanted: 'running', fatal: false, strikes: 0 })
})

test('a code that is no failure lets the agent rest', async () => {
  const agents = { metrics: { fixture: 'exits', args: ['7'], restart: { exitCodes: [7] } } }
  const stage = await setStage({ agents })
  const { reason } = await stage.hear('agent-stopped')
  expect(reason).toContain('exit code 7')
  await stage.clock.jump(3600)
  await stage.supervisor.service.stop()

  // It rests on after an end of ours.
  const next = await setStage({ agents, after: stage })
  expect(next.supervisor.observe().get('metrics')).toMatchObject({ state: 'stopped' })
  expect([...stage.heard(), ...next.heard()].filter((kind) => kind === 'agent-exited')).toHaveLength(1)
})

test('what ignores TERM is killed when its grace is over, and not before', async () => {
  const { supervisor, hear, host, clock, metafile } = await setStage({
    agents: { metrics: { fixture: 'ignores-term', restart: { grace: 30 } } },
  })
  const { pid } = await hear('agent-started')
  await fileThere(`${agentPaths(host.paths, 'metrics').data}/armed`)
  // The service's own check and the agent's; and then the grace.
  await clock.sleeping(2)
  const stopped = supervisor.stop('metrics')
  await clock.sleeping(3)
  await clock.jump(29)
  expect(host.processes()).toContain(pid)
  expect(supervisor.observe().get('metrics')).toMatchObject({ state: 'stopping', pid })
  await clock.jump(1)
  expect(await stopped).toEqual({ kind: 'stopped' })
  expect(host.processes()).toEqual([])
  expect(metafile.read().agents['metrics']?.exits).toMatchObject([{ signal: 'SIGKILL', abnormal: false }])
})

test('a stop reaches those that fled into sessions of their own', async () => {
  const { supervisor, hear, host } = await setStage({ agents: { metrics: { fixture: 'leaves-others' } } })
  await hear('agent-started')
  await fileThere(`${agentPaths(host.paths, 'metrics').data}/armed`)
  expect(await supervisor.stop('metrics')).toEqual({ kind: 'stopped' })
  expect(host.processes()).toEqual([])
})

test.skipIf(!existsSync('/usr/bin/perl'))('a program that writes over its environment is known all the same', async () => {
  const stage = await setStage({ agents: { metrics: { fixture: 'hides-environment' } } })
  const { pid } = await stage.hear('agent-started')
  await fileThere(`${agentPaths(stage.host.paths, 'metrics').data}/armed`)
  onTestFinished(() => endIfThere(pid))
  expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).not.toContain('BOOTAGENT_ATTEMPT')
  await stage.supervisor.service.stop()

  const next = await setStage({ agents: {}, after: stage })
  expect(await next.hear('agent-adopted')).toMatchObject({ pid })
  expect(await next.supervisor.stop('metrics')).toEqual({ kind: 'stopped' })
  expect(existsSync(`/proc/${pid}`)).toBe(false)
  expect(stage.host.processes()).toEqual([])
})

// A successor would find its port taken.
test('when the main process is gone, its others are ended before there is a next one', async () => {
  const { hear, host, clock } = await setStage({ agents: { metrics: { fixture: 'leaves-others' } } })
  const first = await hear('agent-started')
  await fileThere(`${agentPaths(host.paths, 'metrics').data}/armed`)
  process.kill(first.pid, 'SIGKILL')
  const { until } = await hear('agent-waiting')
  expect(host.processes()).toEqual([])
  await clock.jump(until - clock.uptime())
  expect((await hear('agent-started')).pid).not.toBe(first.pid)
})

test('two agents do not wait for each other', async () => {
  const { supervisor, hear, host, clock } = await setStage({
    agents: { slow: { fixture: 'ignores-term' }, quick: { fixture: 'runs-forever' } },
  })
  await Promise.all([hear('agent-started'), hear('agent-started'), fileThere(`${agentPaths(host.paths, 'slow').data}/armed`)])
  await clock.sleeping(3)
  const slow = supervisor.stop('slow')
  await clock.sleeping(4)
  expect(await supervisor.stop('quick')).toEqual({ kind: 'stopped' })
  expect(supervisor.observe().get('slow')).toMatchObject({ state: 'stopping' })
  await clock.jump(60)
  await slow
})

test('an exit whose shim was killed as well is on record as one nobody saw', async () => {
  const { supervisor, hear, host, clock } = await setStage(forever)
  await hear('agent-started')
  await killAll(host)
  // Nobody is left to write anything: the check is the safety net.
  await clock.jump(61)
  const { exit } = await hear('agent-exited')
  expect(exit).toMatchObject({ abnormal: true })
  expect([exit.code, exit.signal]).toEqual([undefined, undefined])
  expect((await hear('agent-waiting')).reason).toContain('how cannot be known')
  expect(supervisor.observe().get('metrics')).toMatchObject({ state: 'waiting' })
})

test('an agent that is no longer installed is ended', async () => {
  const { metafile, hear, host, clock, supervisor } = await setStage(forever)
  await hear('agent-started')
  await metafile.update((current) => ({ ...current, agents: {} }))
  await clock.jump(60)
  await hear('agent-stopped')
  expect(host.processes()).toEqual([])
  expect(supervisor.observe().size).toBe(0)
})

test('an agent is looked after whether or not somebody asked about it first', async () => {
  const { supervisor, hear } = prepareStage(forever)
  void supervisor.changed('metrics', new AbortController().signal)
  expect(supervisor.observe().get('metrics')).toMatchObject({ state: 'stopped', reason: 'not yet looked at' })
  await supervisor.service.start()
  await hear('agent-started')
})

test('an agent that comes into the metafile is looked after at the next check', async () => {
  const { supervisor, hear, metafile, clock } = await setStage(forever)
  await hear('agent-started')
  await metafile.update((current) => ({ ...current, agents: { ...current.agents, again: { ...NEW_AGENT, wanted: 'running' } } }))
  const seen = supervisor.changed('again', new AbortController().signal)
  await clock.jump(60)
  await seen
  expect(supervisor.observe().get('again')).toMatchObject({ state: 'stopped', reason: 'no release is installed yet' })
})

test('a change is told to those who wait for it', async () => {
  const { supervisor, hear } = await setStage(forever)
  await hear('agent-started')
  const changed = supervisor.changed('metrics', new AbortController().signal)
  const stopped = supervisor.stop('metrics')
  await changed
  expect(supervisor.observe().get('metrics')).toMatchObject({ state: 'stopping' })
  await stopped
})

test('a disk that takes nothing does not end supervision, and is given it all when it takes again', async () => {
  const { hear, host, metafile } = await setStage({
    agents: { metrics: { fixture: 'exits', args: ['3'], restart: { delay: 0.05 } } },
    clock: realClock(),
    before: ({ paths }) => rmSync(paths.tmp, { recursive: true }),
  })
  await hear('agent-exited')
  await hear('agent-exited')
  expect(metafile.read().agents['metrics']).toMatchObject({ strikes: 0, exits: [] })

  mkdirSync(host.paths.tmp)
  await hear('agent-fatal')
  expect(metafile.read().agents['metrics']).toMatchObject({ strikes: 4, fatal: true, exits: [{}, {}, {}, {}] })
})

test('what the host refuses is no strike, and is tried again at the next check', async () => {
  const { supervisor, host, clock, metafile, hear } = await setStage({
    agents: { metrics: { fixture: 'runs-forever', record: { wanted: 'stopped' } } },
  })
  const { log, output } = agentPaths(host.paths, 'metrics')
  mkdirSync(output, { recursive: true })
  expect(await supervisor.start('metrics')).toMatchObject({ kind: 'failed', why: expect.stringContaining('EISDIR') })
  expect(await hear('agent-waiting')).toMatchObject({ reason: expect.stringContaining('EISDIR') })
  rmSync(log, { recursive: true })
  await clock.jump(60)
  await hear('agent-started')
  expect(metafile.read().agents['metrics']).toMatchObject({ strikes: 0, exits: [] })
})

// Who asked for the stop is told that it failed, and nobody else knows of it.
test('a stop that the host has no descriptors for says so, and holds nothing down', async () => {
  let short = false
  const { supervisor, clock, hear, metafile } = await setStage({
    agents: { metrics: { fixture: 'runs-forever' } },
    driver: () => ({
      ...createNone('a test'),
      attemptsOf() {
        if (short) throw Object.assign(new Error('EMFILE: too many open files, scandir'), { code: 'EMFILE', syscall: 'scandir' })
        return []
      },
    }),
  })
  await hear('agent-started')
  short = true
  await expect(supervisor.stop('metrics')).rejects.toMatchObject({ code: 'EMFILE' })
  await supervisor.lookAgain('metrics')
  short = false
  await clock.jump(5)
  await hear('agent-started')
  expect(metafile.read().agents['metrics']).toMatchObject({ wanted: 'running', strikes: 0 })
})

test('the last three attempts are kept', async () => {
  const { supervisor, host } = await setStage({ agents: { metrics: { fixture: 'runs-forever', record: { wanted: 'stopped' } } } })
  for (let start = 0; start < 5; start += 1) await supervisor.start('metrics')
  const { attempts } = agentPaths(host.paths, 'metrics')
  const kept = readdirSync(attempts).sort()
  expect(kept.map((id) => Number.parseInt(id, 10))).toEqual([3, 4, 5])
})

test('it is a service', async () => {
  await stressService(() => prepareStage({ agents: { metrics: { fixture: 'exits', args: ['0'] } } }).supervisor.service)
})

function endIfThere(pid: number): void {
  if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL')
}

/** Whether this process was allowed to change what the out-of-memory killer thinks of it. */
function protectOurselves(score: number): boolean {
  try {
    writeFileSync('/proc/self/oom_score_adj', String(score))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error
    return false
  }
}
