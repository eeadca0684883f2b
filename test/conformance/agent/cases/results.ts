import { strict as assert } from 'node:assert'
import { randomUUID } from 'node:crypto'
import type { AgentCase } from '../agent-case.ts'
import { type Answer, json, NO_ANSWERS, NOTHING } from '../answers.ts'
import type { Stage } from '../stage.ts'
import { type AskedReport, expectSilence, give, meet, perform, takeReport } from '../talk.ts'

/** A job that is done in no time and changes nothing. */
const harmless = () => ({ id: randomUUID(), action: 'uninstall', name: 'BasicAgent' })

/** A result is told until it was heard (PROTOCOL.md 5). */
export const RESULT_CASES: readonly AgentCase[] = [
  {
    name: 'result-once',
    claim: 'A result that was answered is not sent again',
    source: 'PROTOCOL.md 5',
    async run(stage) {
      await meet(stage)
      assert.equal((await perform(stage, harmless())).errcode, 0)
      await expectSilence(stage)
    },
  },
  {
    name: 'result-status-2',
    claim: "An answer with status 2, as in the seed's example, is an answer: the status is ignored",
    source: 'seed, status',
    async run(stage) {
      await meet(stage)
      await give(stage, harmless())
      ;(await reportWithResult(stage)).answer(json({ status: 2, jobs: [] }))
      await expectSilence(stage)
    },
  },
  {
    name: 'result-bare-answer',
    claim: 'An answer without jobs, or with null for them, is an answer',
    source: 'PROTOCOL.md 3',
    async run(stage) {
      await meet(stage)
      for (const answer of [{ status: 0 }, { status: 0, jobs: null }]) {
        await give(stage, harmless())
        ;(await reportWithResult(stage)).answer(json(answer))
        await expectSilence(stage)
      }
    },
  },
  ...Object.entries(NO_ANSWERS).map(
    ([what, { says, answers }]): AgentCase => ({
      name: `result-again-${what}`,
      claim: `${says}, the results of the report are sent again until it counts, and then no more`,
      source: 'PROTOCOL.md 5',
      async run(stage) {
        await meet(stage)
        for (const [how, answer] of Object.entries(answers)) await tellTwice(stage, how, answer)
      },
    }),
  ),
  {
    name: 'result-after-kill',
    claim: 'A result that was not answered before the BootAgent was killed is told by the next one',
    source: 'PROTOCOL.md 5',
    async run(stage) {
      const { server } = await meet(stage)
      await give(stage, harmless())
      const { report } = await reportWithResult(stage)
      await stage.kill()
      stage.start(server.address)
      const again = await takeReport(stage)
      assert.deepEqual(again.report.jobs, report.jobs, 'the result was lost, or is another one')
      again.answer(NOTHING)
      await expectSilence(stage)
    },
  },
  {
    name: 'result-not-of-a-bad-answer',
    claim: 'Jobs in an answer that does not count are not taken: nobody knows whether they are whole',
    source: 'PROTOCOL.md 2',
    async run(stage) {
      await meet(stage)
      const jobs = [harmless()]
      const asked = await takeReport(stage)
      asked.answer((response) =>
        response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ status: 0, jobs })),
      )
      await expectSilence(stage)
    },
  },
]

async function tellTwice(stage: Stage, how: string, answer: Answer): Promise<void> {
  await give(stage, harmless())
  const first = await reportWithResult(stage)
  first.answer(answer)
  const second = await takeReport(stage, `the result again after ${how}`)
  assert.deepEqual(second.report.jobs, first.report.jobs, 'the result did not come again as it was')
  second.answer(NOTHING)
  await expectSilence(stage)
}

/** Left unanswered. */
async function reportWithResult(stage: Stage): Promise<AskedReport> {
  for (;;) {
    const asked = await takeReport(stage, 'a result')
    if (asked.report.jobs.length > 0) return asked
    asked.answer(NOTHING)
  }
}
