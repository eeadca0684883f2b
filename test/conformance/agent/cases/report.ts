import { strict as assert } from 'node:assert'
import { randomUUID } from 'node:crypto'
import type { AgentCase } from '../agent-case.ts'
import { json } from '../answers.ts'
import { accept, give, meet, pass, passUntil, takeRegistration } from '../talk.ts'

const MAX_BYTES = 64 * 1024

/** What every report is like (seed 001, 状态上报接口; PROTOCOL.md 2). */
export const REPORT_CASES: readonly AgentCase[] = [
  {
    name: 'report-fields',
    claim: "A report has all of the seed's fields, in the seed's types, and works with a server that knows no others",
    source: 'seed, status',
    async run(stage) {
      await meet(stage)
      // Reading it is the test: a field that is missing or of another type is an error there.
      const { report, method } = await pass(stage)
      assert.equal(method, 'POST')
      assert.match(report.version, /^\S+$/)
      assert.deepEqual([report.agents, report.jobs], [[], []])
      const seconds = [report.uptime, report.timestamp, report.step]
      assert.ok(
        seconds.every((each) => Number.isInteger(each) && each >= 0),
        `${seconds.join(', ')} are not whole seconds`,
      )
    },
  },
  {
    name: 'report-clock',
    claim: 'The timestamp is the time in Unix seconds, and the uptime grows, and begins anew with the process',
    source: 'seed, status',
    async run(stage) {
      const { server } = await meet(stage)
      const { uptime } = (await pass(stage)).report
      await passUntil(stage, 'an uptime of a second more', ({ report }) => report.uptime > uptime)
      await stage.kill()
      const since = Date.now() / 1000
      stage.start(server.address)
      const { report } = await pass(stage)
      const now = Date.now() / 1000
      assert.ok(
        report.uptime <= now - since,
        `the uptime is ${report.uptime} s, and the process was started ${now - since} s ago`,
      )
      assert.ok(report.timestamp >= Math.floor(since) && report.timestamp <= now, `the timestamp is ${report.timestamp}`)
    },
  },
  {
    name: 'report-short-connection',
    claim: 'Each request is HTTP/1.1 on a connection of its own, and says so',
    source: 'seed, introduction',
    async run(stage) {
      const server = await stage.listen()
      stage.start(server.address)
      const registration = await takeRegistration(stage)
      accept(registration)
      for (const asked of [registration, await pass(stage), await pass(stage), await pass(stage)]) {
        assert.deepEqual([asked.version, asked.nth, asked.headers.connection], ['1.1', 1, 'close'])
      }
    },
  },
  {
    name: 'report-json',
    claim: 'A body is said to be JSON, and is one value of it in UTF-8',
    source: 'PROTOCOL.md 2',
    async run(stage) {
      await meet(stage)
      const { headers, text } = await pass(stage)
      assert.match(headers['content-type'] ?? '', /^application\/json\b/)
      assert.ok(!text.includes('\uFFFD'), 'the body is not UTF-8')
    },
  },
  {
    name: 'report-limit',
    claim: 'However much there is to tell, no body is larger than 64 KB, and everything is told in the end',
    source: 'PROTOCOL.md 2',
    async run(stage) {
      await meet(stage)
      const jobs = Array.from({ length: 600 }, () => ({
        id: `${randomUUID()}${'-'.repeat(80)}`,
        action: 'dance',
        name: 'BasicAgent',
      }))
      await give(stage, ...jobs)
      const told = new Set<string>()
      await passUntil(stage, 'the last of 600 results', ({ report, text }) => {
        assert.ok(Buffer.byteLength(text) <= MAX_BYTES, `a report has ${Buffer.byteLength(text)} bytes`)
        for (const { id } of report.jobs) told.add(id)
        return told.size === jobs.length
      })
    },
  },
  {
    name: 'report-unknown-fields',
    claim: 'Fields it does not know, in a reply or in a job, are ignored, and the job is done',
    source: 'PROTOCOL.md 2',
    async run(stage) {
      await meet(stage)
      const job = { id: randomUUID(), action: 'uninstall', name: 'BasicAgent', future: { deep: [1, null] } }
      await pass(stage, json({ status: 0, jobs: [job], future: [{}], tags: 'svc=ecs' }))
      const { report } = await passUntil(stage, 'the result', (asked) => asked.report.jobs.length > 0)
      assert.deepEqual([report.jobs[0]?.id, report.jobs[0]?.errcode], [job.id, 0])
    },
  },
]
