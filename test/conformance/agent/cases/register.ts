import { strict as assert } from 'node:assert'
import { SEED } from '../../seed.ts'
import type { AgentCase } from '../agent-case.ts'
import { json, NO_ANSWERS, type NoAnswer, NOTHING, verbatim } from '../answers.ts'
import { accept, expectSilence, meet, pass, takeRegistration, takeReport } from '../talk.ts'

/** The seed's refusal, and everything that is no answer at all. */
const REFUSALS: Readonly<Record<string, NoAnswer>> = {
  refused: {
    says: 'With status 1, whatever agentsn comes along',
    answers: { refusal: json({ status: 1, agentsn: 'another', tags: '' }) },
  },
  ...NO_ANSWERS,
}

/** The first start, and every other (seed 001, 启动注册接口). */
export const REGISTER_CASES: readonly AgentCase[] = [
  {
    name: 'register-first',
    claim: 'The first start registers with hostname and agentsn, and then reports by the same names',
    source: 'seed, register',
    async run(stage) {
      const server = await stage.listen()
      stage.start(server.address)
      const asked = await takeRegistration(stage)
      assert.equal(asked.method, 'POST')
      const { hostname, agentsn } = asked.registration
      assert.ok(hostname !== '' && agentsn !== '', 'hostname and agentsn must say something')
      accept(asked)
      const { report } = await takeReport(stage)
      assert.deepEqual([report.hostname, report.agentsn], [hostname, agentsn])
    },
  },
  {
    name: 'register-verbatim-reply',
    claim: "The seed's own reply to a registration is taken: reports carry the agentsn it gives, also after a restart",
    source: 'seed, register',
    async run(stage) {
      const server = await stage.listen()
      stage.start(server.address)
      const { agentsn: given } = JSON.parse(SEED.registered) as { agentsn: string }
      ;(await takeRegistration(stage)).answer(verbatim(SEED.registered))
      assert.equal((await pass(stage)).report.agentsn, given)
      await pass(stage)
      await stage.kill()
      stage.start(server.address)
      assert.equal((await pass(stage)).report.agentsn, given)
    },
  },
  {
    name: 'register-bare-reply',
    claim: 'A reply without agentsn and tags, or with fields nobody knows, accepts the host as it is',
    source: 'PROTOCOL.md 3',
    async run(stage) {
      const server = await stage.listen()
      stage.start(server.address)
      const asked = await takeRegistration(stage)
      asked.answer(json({ status: 0, future: { deep: [1, null] } }))
      assert.equal((await pass(stage)).report.agentsn, asked.registration.agentsn)
    },
  },
  ...Object.entries(REFUSALS).map(
    ([what, { says, answers }]): AgentCase => ({
      name: `register-again-${what}`,
      claim: `${says}, the registration is tried again as the same host, and nothing is reported before`,
      source: what === 'refused' ? 'seed, register' : 'PROTOCOL.md 2',
      async run(stage) {
        const server = await stage.listen()
        stage.start(server.address)
        const first = await takeRegistration(stage)
        let asked = first
        for (const [how, answer] of Object.entries(answers)) {
          asked.answer(answer)
          asked = await takeRegistration(stage, `the registration again after ${how}`)
          assert.deepEqual(asked.registration, first.registration, `after ${how} it registers as another host`)
        }
        accept(asked)
        assert.equal((await pass(stage)).report.agentsn, first.registration.agentsn)
      },
    }),
  ),
  {
    name: 'register-killed-unanswered',
    claim: 'Killed before its registration is answered, it comes back as the same host',
    source: 'seed, register',
    async run(stage) {
      const server = await stage.listen()
      stage.start(server.address)
      const first = await takeRegistration(stage)
      await stage.kill()
      stage.start(server.address)
      assert.equal((await takeRegistration(stage)).registration.agentsn, first.registration.agentsn)
    },
  },
  {
    name: 'register-killed-unreported',
    claim: 'Killed before its first report is answered, it comes back under the agentsn it was given, and no third one',
    source: 'PROTOCOL.md 3',
    async run(stage) {
      const server = await stage.listen()
      stage.start(server.address)
      const first = await takeRegistration(stage)
      accept(first, 'given-by-the-server')
      assert.equal((await takeReport(stage)).report.agentsn, 'given-by-the-server')
      await stage.kill()
      stage.start(server.address)
      // It may register once more, since nothing was final; it must ask for what it was given.
      const { agentsn } = JSON.parse((await stage.next('a registration or a report')).text) as { agentsn: string }
      assert.equal(agentsn, 'given-by-the-server')
    },
  },
  {
    name: 'register-once',
    claim: 'A host that has its MetaFile does not register: it reports, as the same host',
    source: 'seed, other',
    async run(stage) {
      const { server, agentsn } = await meet(stage)
      await stage.kill()
      stage.start(server.address)
      const asked = await takeReport(stage)
      assert.equal(asked.report.agentsn, agentsn)
      asked.answer(NOTHING)
      await expectSilence(stage)
    },
  },
]
