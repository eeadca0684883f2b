import { strict as assert } from 'node:assert'
import { departures } from '../../departures.ts'
import { SEED, type SeedJob } from '../../seed.ts'
import { look, order, publish } from '../operator.ts'
import { newHost, type SeedHost } from '../seed-host.ts'
import type { ServerCase } from '../server-case.ts'

const [SEED_INSTALL, SEED_CONFIG] = (JSON.parse(SEED.reply) as { jobs: [SeedJob, SeedJob] }).jobs
const STOP = { action: 'stop', name: 'BasicAgent' }

/** Jobs go out and results come in (seed 001, status reply; PROTOCOL.md 4, 5 and 9). */
export const JOB_CASES: readonly ServerCase[] = [
  {
    name: 'job-install-fields',
    claim: "An install has the seed's fields and types, the package's own checksum, and the envs and limits that were ordered",
    source: 'seed, status',
    async run(ground) {
      const host = await newHost(ground)
      const { name, sha256 } = await publish(ground)
      const { envs, limits } = SEED_INSTALL
      const id = await order(ground, host, { action: 'install', name, envs, limits })
      const job = await offeredTo(host)
      assert.deepEqual(departures(SEED_INSTALL, job, 'the job'), [])
      assert.deepEqual([job['id'], job['action'], job['name'], job['envs'], job['limits']], [id, 'install', name, envs, limits])
      assert.equal(String(job['checksum']).toLowerCase(), `sha256:${sha256}`)
      assert.match(String(job['checksum']), /^SHA256:/)
      assert.match(String(job['url']), /^(https?|ftp):\/\/[^/]+\/.*\.tar\.gz$/)
    },
  },
  {
    name: 'job-config-fields',
    claim: "A config has the seed's fields and types, and its list exactly as it was ordered, trailing comma and all",
    source: 'seed, status',
    async run(ground) {
      const host = await newHost(ground)
      const { svrlist, step } = SEED_CONFIG
      const id = await order(ground, host, { action: 'config', svrlist, step })
      const job = await offeredTo(host)
      assert.deepEqual(departures(SEED_CONFIG, job, 'the job'), [])
      assert.deepEqual([job['id'], job['svrlist'], job['step']], [id, svrlist, step])
    },
  },
  ...['upgrade', 'uninstall', 'restart', 'stop', 'start'].map(
    (action): ServerCase => ({
      name: `job-${action}`,
      claim: `A job to ${action} reaches the host under just that word, with the agent's name`,
      source: action === 'start' ? 'PROTOCOL.md 4' : 'seed, status',
      async run(ground) {
        const host = await newHost(ground)
        const { name } = await publish(ground)
        const id = await order(ground, host, { action, name })
        const job = await offeredTo(host)
        assert.deepEqual([job['id'], job['action'], job['name']], [id, action, name])
      },
    }),
  ),
  {
    name: 'job-own-host',
    claim: 'A job is offered to the host it is for and to no other',
    source: 'seed, status',
    async run(ground) {
      const [host, other] = [await newHost(ground), await newHost(ground)]
      await order(ground, host, STOP)
      assert.deepEqual(await other.report(), [])
      assert.equal((await host.report()).length, 1)
    },
  },
  {
    name: 'job-until-result',
    claim: 'A job is offered in every reply until its result has come, and never after: a reply may be lost',
    source: 'PROTOCOL.md 5',
    async run(ground) {
      const host = await newHost(ground)
      const id = await order(ground, host, STOP)
      for (let time = 0; time < 3; time += 1) assert.deepEqual(idsOf(await host.report()), [id])
      assert.deepEqual(await host.report([{ id, errcode: 0, message: 'success' }]), [])
      assert.deepEqual(await host.report(), [])
    },
  },
  {
    name: 'job-order',
    claim: 'Jobs are offered in the order they were ordered, and one result ends one job',
    source: 'PROTOCOL.md 5',
    async run(ground) {
      const host = await newHost(ground)
      const first = await order(ground, host, STOP)
      const second = await order(ground, host, { ...STOP, action: 'start' })
      assert.deepEqual(idsOf(await host.report()), [first, second])
      assert.deepEqual(idsOf(await host.report([{ id: first, errcode: 0, message: 'success' }])), [second])
    },
  },
  {
    name: 'result-seed-only',
    claim: "A result of the seed's three fields finishes the job, and operators see it succeeded",
    source: 'seed, status',
    async run(ground) {
      const host = await newHost(ground)
      const id = await order(ground, host, STOP)
      await host.report()
      await host.report([{ id, errcode: 0, message: 'success' }])
      const { state, errcode, message } = await look(ground, host, id)
      assert.deepEqual({ state, errcode, message }, { state: 'succeeded', errcode: 0, message: 'success' })
    },
  },
  {
    name: 'result-failure',
    claim: 'Any errcode but 0, also one the server does not know, is a failure that operators see with its message',
    source: 'seed, status',
    async run(ground) {
      const host = await newHost(ground)
      const id = await order(ground, host, STOP)
      await host.report([{ id, errcode: 1234567, message: 'it would not' }])
      const { state, errcode, message } = await look(ground, host, id)
      assert.deepEqual({ state, errcode, message }, { state: 'failed', errcode: 1234567, message: 'it would not' })
    },
  },
  {
    name: 'result-repeated',
    claim: 'A repeated result changes nothing, even one that says otherwise: the first stands',
    source: 'PROTOCOL.md 5',
    async run(ground) {
      const host = await newHost(ground)
      const id = await order(ground, host, STOP)
      await host.report([{ id, errcode: 0, message: 'success' }])
      const before = await look(ground, host, id)
      assert.deepEqual(await host.report([{ id, errcode: 0, message: 'success' }]), [])
      assert.deepEqual(await host.report([{ id, errcode: 5, message: 'or not' }]), [])
      assert.deepEqual(await look(ground, host, id), before)
    },
  },
]

async function offeredTo(host: SeedHost): Promise<SeedJob> {
  const [job, ...others] = await host.report()
  assert.equal(others.length, 0, 'more was offered than was ordered')
  return job ?? assert.fail('nothing was offered')
}

function idsOf(jobs: readonly SeedJob[]): unknown[] {
  return jobs.map((job) => job['id'])
}
