import { strict as assert } from 'node:assert'
import { randomUUID } from 'node:crypto'
import type { SeedJob } from '../../seed.ts'
import type { AgentCase } from '../agent-case.ts'
import { endings, expectSilence, give, meet, passUntil, perform, resultsOf } from '../talk.ts'

const CHECKSUM = `SHA256:${'0'.repeat(64)}`
const URL_OF_NOTHING = 'http://127.0.0.1:9/BasicAgent/BasicAgent-0.1.0-0.tar.gz'

/** Jobs that cannot be done, each wrong in one thing. */
const BAD_JOBS: Readonly<Record<string, SeedJob>> = {
  'action-unknown': { action: 'dance', name: 'BasicAgent' },
  'action-inherited': { action: 'constructor', name: 'BasicAgent' },
  'action-missing': { name: 'BasicAgent' },
  'action-number': { action: 7, name: 'BasicAgent' },
  'name-missing': { action: 'stop' },
  'name-path': { action: 'stop', name: '../../etc' },
  'name-empty': { action: 'stop', name: '' },
  'name-number': { action: 'stop', name: 7 },
  'name-unknown': { action: 'restart', name: 'NoSuchAgent' },
  'checksum-missing': { action: 'install', name: 'BasicAgent', url: URL_OF_NOTHING },
  'checksum-short': { action: 'install', name: 'BasicAgent', url: URL_OF_NOTHING, checksum: 'SHA256:4a34' },
  'checksum-md5': { action: 'install', name: 'BasicAgent', url: URL_OF_NOTHING, checksum: `MD5:${'0'.repeat(32)}` },
  'url-missing': { action: 'install', name: 'BasicAgent', checksum: CHECKSUM },
  'url-unreachable': { action: 'install', name: 'BasicAgent', url: URL_OF_NOTHING, checksum: CHECKSUM },
  'limits-word': { action: 'install', name: 'BasicAgent', url: URL_OF_NOTHING, checksum: CHECKSUM, limits: { CPU: 'some' } },
  'envs-list': { action: 'install', name: 'BasicAgent', url: URL_OF_NOTHING, checksum: CHECKSUM, envs: ['PATH'] },
  'svrlist-empty': { action: 'config', svrlist: ',' },
  'svrlist-number': { action: 'config', svrlist: 7 },
  'step-zero': { action: 'config', step: 0 },
  'step-word': { action: 'config', step: 'often' },
  'cancel-of-nothing': { action: 'cancel', job: 'no-such-job' },
}

/** Jobs as they come (seed 001, status reply; PROTOCOL.md 4). */
export const JOB_CASES: readonly AgentCase[] = [
  {
    name: 'job-refusals',
    claim: 'Each bad job is answered with an errcode other than 0 and a message, and the good jobs in the same reply succeed',
    source: 'PROTOCOL.md 4',
    async run(stage) {
      await meet(stage)
      const bad = Object.entries(BAD_JOBS).map(([id, job]) => ({ id, ...job }))
      const good = { id: 'good', action: 'uninstall', name: 'BasicAgent' }
      await give(stage, good, ...bad, { ...good, id: 'good-too' })
      const results = await resultsOf(stage, bad.length + 2)
      assert.deepEqual(
        results
          .filter(({ errcode }) => errcode === 0)
          .map(({ id }) => id)
          .toSorted(),
        ['good', 'good-too'],
      )
      assert.deepEqual(new Set(results.map(({ id }) => id)), new Set(['good', 'good-too', ...Object.keys(BAD_JOBS)]))
      assert.deepEqual(
        results.filter(({ message }) => message === ''),
        [],
      )
    },
  },
  {
    name: 'job-unanswerable',
    claim: 'An entry that is no job, or has no id, is not answered, harms no other, and does not end the BootAgent',
    source: 'PROTOCOL.md 4',
    async run(stage) {
      await meet(stage)
      const good = { id: randomUUID(), action: 'uninstall', name: 'BasicAgent' }
      const none = [
        { action: 'stop', name: 'BasicAgent' },
        { id: '', action: 'stop', name: 'BasicAgent' },
        { id: 7, action: 'stop', name: 'BasicAgent' },
      ]
      await give(stage, ...none, ...([null, 'stop', [], 7] as unknown as SeedJob[]), good)
      assert.deepEqual(
        (await resultsOf(stage, 1)).map(({ id, errcode }) => [id, errcode]),
        [[good.id, 0]],
      )
      await expectSilence(stage)
    },
  },
  {
    name: 'job-one-id-two-actions',
    claim: "Two jobs of one id and different action, as in the seed's example, are both done and both answered",
    source: 'seed, status',
    async run(stage) {
      await meet(stage)
      const id = randomUUID()
      await give(stage, { id, action: 'restart', name: 'NoSuchAgent' }, { id, action: 'config', step: 2 })
      const results = await resultsOf(stage, 2)
      assert.deepEqual(endings(results), [`${id} done`, `${id} failed`])
      await passUntil(stage, 'a report with step 2', ({ report }) => report.step === 2)
    },
  },
  {
    name: 'job-repeated-refusal',
    claim: 'A refused job that is offered again is answered again, and the same way',
    source: 'PROTOCOL.md 5',
    async run(stage) {
      await meet(stage)
      const job = { id: randomUUID(), action: 'dance', name: 'BasicAgent' }
      const first = await perform(stage, job)
      assert.deepEqual(await perform(stage, job), first)
      await expectSilence(stage)
    },
  },
  {
    name: 'job-step',
    claim: 'A config job changes the step that later reports tell, also after a restart',
    source: 'seed, status',
    async run(stage) {
      const { server } = await meet(stage)
      assert.equal((await perform(stage, { id: randomUUID(), action: 'config', step: 2 })).errcode, 0)
      await passUntil(stage, 'a report with step 2', ({ report }) => report.step === 2)
      await stage.kill()
      stage.start(server.address)
      await passUntil(stage, 'a report with step 2', ({ report }) => report.step === 2)
    },
  },
]
