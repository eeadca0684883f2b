import { strict as assert } from 'node:assert'
import { randomUUID } from 'node:crypto'
import { type SeedAgent, type SeedJob, type SeedReport, type SeedResult, STATUSES } from '../../seed.ts'
import type { AgentCase } from '../agent-case.ts'
import type { SeedServer } from '../seed-server.ts'
import type { Stage } from '../stage.ts'
import { expectSilence, give, meet, passUntil, perform } from '../talk.ts'
import { packTinyAgent, readStarts, TINY } from '../tiny-agent.ts'

/** The life of an agent, by the seed's jobs (seed 001, status reply): a tiny one in sh, from a tar.gz over http. */
export const LIFE_CASES: readonly AgentCase[] = [
  {
    name: 'agent-install',
    claim: 'An install makes the agent run with the envs given; its result comes only then, and it is reported as running',
    source: 'seed, status',
    async run(stage) {
      const { server } = await meet(stage)
      await give(stage, await delivery(stage, server, '1.0.0'))
      const { report } = await passUntil(stage, 'the result of the install', (asked) => asked.report.jobs.length > 0)
      succeeded(report.jobs[0])
      const { version, status } = tinyIn(report) ?? assert.fail('the agent is not in the report that brings its result')
      assert.deepEqual([version, status], ['1.0.0', 'running'])
      const [start] = await startsOf(stage, 1)
      assert.deepEqual([start?.version, start?.word], ['1.0.0', 'given-by-envs'])
    },
  },
  {
    name: 'agent-four-words',
    claim: "Through all of an agent's life its status is one of the seed's four words",
    source: 'seed, status',
    async run(stage) {
      const { server } = await meet(stage)
      await give(stage, await delivery(stage, server, '1.0.0'))
      const upgrade = await delivery(stage, server, '1.1.0')
      for (const next of [control('stop'), control('restart'), upgrade, control('uninstall')]) {
        await passUntil(stage, 'a result', ({ report }) => isSuccess(report))
        isSuccess((await give(stage, next)).report)
      }
      await passUntil(stage, 'the result of the uninstall', ({ report }) => isSuccess(report))
    },
  },
  {
    name: 'agent-stop-start',
    claim: 'stop makes it stoped, start makes it run again, and neither changes its version',
    source: 'PROTOCOL.md 4',
    async run(stage) {
      await install(stage)
      succeeded(await perform(stage, control('stop')))
      const stopped = await tinyWith(stage, 'stoped')
      assert.deepEqual([stopped.version, (await readStarts(stage.directory)).length], ['1.0.0', 1])
      succeeded(await perform(stage, control('start')))
      assert.equal((await tinyWith(stage, 'running')).version, '1.0.0')
      await startsOf(stage, 2)
    },
  },
  {
    name: 'agent-restart',
    claim: 'restart ends its process and starts another one',
    source: 'seed, status',
    async run(stage) {
      await install(stage)
      succeeded(await perform(stage, control('restart')))
      const [first, second] = await startsOf(stage, 2)
      assert.notEqual(second?.pid, first?.pid)
      await tinyWith(stage, 'running')
    },
  },
  {
    name: 'agent-upgrade',
    claim: 'upgrade makes it run in the new version, with the envs it had if the job gives none',
    source: 'seed, status',
    async run(stage) {
      const { server } = await install(stage)
      const { envs: _left, ...job } = await delivery(stage, server, '1.1.0')
      succeeded(await perform(stage, { ...job, action: 'upgrade' }))
      assert.equal((await tinyWith(stage, 'running')).version, '1.1.0')
      const starts = await startsOf(stage, 2)
      assert.deepEqual([starts[1]?.version, starts[1]?.word], ['1.1.0', 'given-by-envs'])
    },
  },
  {
    name: 'agent-uninstall',
    claim: 'uninstall takes it out of the reports, and once more is a success as well',
    source: 'seed, status',
    async run(stage) {
      await install(stage)
      succeeded(await perform(stage, control('uninstall')))
      await passUntil(stage, 'a report without the agent', ({ report }) => tinyIn(report) === undefined)
      succeeded(await perform(stage, control('uninstall')))
    },
  },
  {
    name: 'agent-checksum',
    claim: 'A package whose bytes are not those of the checksum is refused, and nothing of it is run',
    source: 'seed, status',
    async run(stage) {
      const { server } = await meet(stage)
      const job = await delivery(stage, server, '1.0.0')
      const result = await perform(stage, { ...job, checksum: `SHA256:${'0'.repeat(64)}` })
      assert.notEqual(result.errcode, 0)
      await expectSilence(stage)
      assert.deepEqual(await readStarts(stage.directory), [])
    },
  },
  {
    name: 'agent-repeated-job',
    claim: 'A job that is offered again answers its stored result and is not done again',
    source: 'PROTOCOL.md 5',
    async run(stage) {
      await install(stage)
      const job = control('restart')
      const first = await perform(stage, job)
      await startsOf(stage, 2)
      for (let time = 0; time < 2; time += 1) assert.deepEqual(await perform(stage, job), first)
      // Counted when no more can come.
      succeeded(await perform(stage, control('uninstall')))
      assert.equal((await readStarts(stage.directory)).length, 2, 'the agent was started again')
    },
  },
  {
    name: 'agent-outlives',
    claim: 'Killing the BootAgent leaves its agent running; the next BootAgent reports it and starts no other',
    source: 'bootagent.md',
    async run(stage) {
      const { server } = await install(stage)
      await stage.kill()
      stage.start(server.address)
      assert.equal((await tinyWith(stage, 'running')).version, '1.0.0')
      await expectSilence(stage)
      assert.equal((await readStarts(stage.directory)).length, 1)
    },
  },
]

function control(action: string): SeedJob {
  return { id: randomUUID(), action, name: TINY }
}

/** An install of the tiny agent, as the seed would write it. */
async function delivery(stage: Stage, server: SeedServer, version: string): Promise<SeedJob> {
  const { file, bytes, checksum } = await packTinyAgent(stage.directory, version)
  const envs = { TINY_DIRECTORY: stage.directory, TINY_WORD: 'given-by-envs' }
  return { id: randomUUID(), action: 'install', name: TINY, url: server.serve(`/${TINY}/${file}`, bytes), checksum, envs }
}

async function install(stage: Stage): Promise<{ server: SeedServer }> {
  const { server } = await meet(stage)
  succeeded(await perform(stage, await delivery(stage, server, '1.0.0')))
  await startsOf(stage, 1)
  return { server }
}

function succeeded(result: SeedResult | undefined): void {
  assert.equal(result?.errcode, 0, `the job failed: ${result?.message}`)
}

/** Whether the report brings a result. A failure in it, or an agent under another word than the four, ends the case. */
function isSuccess({ agents, jobs }: SeedReport): boolean {
  for (const { status } of agents) assert.ok(STATUSES.includes(status), `an agent's status is "${status}"`)
  for (const result of jobs) succeeded(result)
  return jobs.length > 0
}

function tinyIn(report: SeedReport): SeedAgent | undefined {
  return report.agents.find(({ name }) => name === TINY)
}

async function tinyWith(stage: Stage, status: string): Promise<SeedAgent> {
  const { report } = await passUntil(stage, `the agent as ${status}`, (asked) => tinyIn(asked.report)?.status === status)
  return tinyIn(report) ?? assert.fail('the agent is not in the report')
}

/** The tiny agent notes its start itself, so a moment after its BootAgent says that it runs. */
async function startsOf(stage: Stage, count: number) {
  await passUntil(stage, `${count} starts of the agent`, async () => (await readStarts(stage.directory)).length >= count)
  return readStarts(stage.directory)
}
