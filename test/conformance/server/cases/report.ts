import { strict as assert } from 'node:assert'
import { randomUUID } from 'node:crypto'
import { PATHS, SEED, type SeedResult } from '../../seed.ts'
import { newHost, post, report, reportOf } from '../seed-host.ts'
import type { ServerCase } from '../server-case.ts'

/** A host reports (seed 001, 状态上报接口). */
export const REPORT_CASES: readonly ServerCase[] = [
  {
    name: 'report-verbatim',
    claim: "The seed's own report is accepted, the result of a job nobody gave included, with a reply of the seed's form",
    source: 'seed, status',
    async run(ground) {
      await report(ground, JSON.parse(SEED.report) as object)
    },
  },
  {
    name: 'report-unregistered',
    claim: 'A host the server does not know may report: hosts register once in their life, and a server may have lost its memory',
    source: 'PROTOCOL.md 3',
    async run(ground) {
      assert.deepEqual(await report(ground, reportOf({ hostname: 'stranger', agentsn: randomUUID() })), [])
    },
  },
  {
    name: 'report-unknown-fields',
    claim: 'Fields the server does not know are ignored, wherever in a report they are',
    source: 'PROTOCOL.md 2',
    async run(ground) {
      const { hostname, agentsn } = await newHost(ground)
      const agent = { name: 'BasicAgent', version: '1.2.3', status: 'running', uptime: 5, future: [1] }
      const result = { id: randomUUID(), errcode: 0, message: 'success', future: null }
      await report(ground, { ...reportOf({ hostname, agentsn, agents: [agent], jobs: [result] }), future: { deep: {} } })
    },
  },
  {
    name: 'report-any-type',
    claim: 'A report counts under any content type, and without one',
    source: 'seed, status',
    async run(ground) {
      for (const type of ['', 'text/plain', 'application/x-www-form-urlencoded']) {
        const { status } = await post(ground, PATHS.status, SEED.report, type)
        assert.equal(status, 200, `as "${type}" it was answered ${status}`)
      }
    },
  },
  {
    name: 'report-large',
    claim: 'A report of nearly 64 KB is accepted',
    source: 'PROTOCOL.md 2',
    async run(ground) {
      const { hostname, agentsn } = await newHost(ground)
      const result: SeedResult = { id: 'i'.repeat(100), errcode: 0, message: 'm'.repeat(500) }
      const body = reportOf({ hostname, agentsn, jobs: Array.from({ length: 100 }, () => result) })
      assert.ok(JSON.stringify(body).length > 60_000)
      await report(ground, body)
    },
  },
  {
    name: 'report-short-connection',
    claim: 'The answer comes by HTTP/1.1, whole, and the connection ends with it as the host asked',
    source: 'seed, introduction',
    async run(ground) {
      const { version, headers } = await post(ground, PATHS.status, SEED.report)
      assert.deepEqual([version, headers.connection], ['1.1', 'close'])
    },
  },
  {
    name: 'report-four-words',
    claim: "Each of the seed's four words for an agent is taken",
    source: 'seed, status',
    async run(ground) {
      const { hostname, agentsn } = await newHost(ground)
      const agents = ['stoped', 'running', 'fatal', 'killed'].map((status) => ({
        name: `is-${status}`,
        version: '1',
        status,
        uptime: 0,
      }))
      await report(ground, reportOf({ hostname, agentsn, agents }))
    },
  },
]
