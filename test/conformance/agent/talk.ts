import { strict as assert } from 'node:assert'
import {
  PATHS,
  readRegistration,
  readReport,
  type SeedJob,
  type SeedRegistration,
  type SeedReport,
  type SeedResult,
} from '../seed.ts'
import { type Answer, json, NOTHING } from './answers.ts'
import type { Asked, SeedServer } from './seed-server.ts'
import type { Stage } from './stage.ts'

/** A registration that waits for its answer. */
export type AskedRegistration = Asked & { readonly registration: SeedRegistration }

/** A report that waits for its answer. */
export type AskedReport = Asked & { readonly report: SeedReport }

/** The next request, which must be a registration. */
export async function takeRegistration(stage: Stage, awaited = 'a registration'): Promise<AskedRegistration> {
  const asked = await stage.next(awaited)
  assert.equal(asked.path, PATHS.register, `something else came than ${awaited}`)
  return { ...asked, registration: readRegistration(asked.text) }
}

/** The next request, which must be a report. */
export async function takeReport(stage: Stage, awaited = 'a report'): Promise<AskedReport> {
  const asked = await stage.next(awaited)
  assert.equal(asked.path, PATHS.status, `something else came than ${awaited}`)
  return { ...asked, report: readReport(asked.text) }
}

/** Answers that the host is accepted, under the agentsn it asked for unless told otherwise. */
export function accept(asked: AskedRegistration, agentsn = asked.registration.agentsn): void {
  asked.answer(json({ status: 0, agentsn, tags: 'svc=ecs,cmpt=DB' }))
}

/** Starts a BootAgent for the first time, and sees it registered and its first report answered. */
export async function meet(stage: Stage): Promise<{ server: SeedServer; agentsn: string }> {
  const server = await stage.listen()
  stage.start(server.address)
  const asked = await takeRegistration(stage)
  accept(asked)
  await pass(stage)
  return { server, agentsn: asked.registration.agentsn }
}

/** Answers the next report, with nothing unless told otherwise. */
export async function pass(stage: Stage, answer: Answer = NOTHING): Promise<AskedReport> {
  const asked = await takeReport(stage)
  asked.answer(answer)
  return asked
}

/** Answers the next report with these jobs, whoever it comes to. */
export async function give(stage: Stage, ...jobs: readonly SeedJob[]): Promise<AskedReport> {
  return pass(stage, json({ status: 0, jobs }))
}

/** Answers reports with nothing until one is as wanted; resolves with that one, answered too. */
export async function passUntil(
  stage: Stage,
  awaited: string,
  wanted: (report: AskedReport) => boolean | Promise<boolean>,
): Promise<AskedReport> {
  for (;;) {
    const asked = await takeReport(stage, awaited)
    asked.answer(NOTHING)
    if (await wanted(asked)) return asked
  }
}

/** Answers reports until so many results have come, each in a report of its own or several in one; resolves with them all. */
export async function resultsOf(stage: Stage, count: number): Promise<readonly SeedResult[]> {
  const results: SeedResult[] = []
  await passUntil(stage, `${count} results`, ({ report }) => results.push(...report.jobs) >= count)
  assert.equal(results.length, count, `more results came than jobs were given: ${JSON.stringify(results)}`)
  return results
}

/** How jobs ended, in an order that does not depend on which was first: `<id> done`, `<id> failed`. */
export function endings(results: readonly SeedResult[]): readonly string[] {
  return results.map(({ id, errcode }) => `${id} ${errcode === 0 ? 'done' : 'failed'}`).toSorted()
}

/** Gives one job and resolves with its result. */
export async function perform(stage: Stage, job: SeedJob): Promise<SeedResult> {
  await give(stage, job)
  const [result] = await resultsOf(stage, 1)
  assert.equal(result?.id, job['id'], 'the result is of another job')
  return result ?? assert.fail('there is no result')
}

/** Sees two reports that carry no result. */
export async function expectSilence(stage: Stage): Promise<void> {
  for (let time = 0; time < 2; time += 1) assert.deepEqual((await pass(stage)).report.jobs, [], 'a result came that none was due')
}
