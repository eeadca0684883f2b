import { strict as assert } from 'node:assert'
import { randomUUID } from 'node:crypto'
import { departures } from '../departures.ts'
import { PATHS, SEED, type SeedJob, type SeedReport, type SeedResult } from '../seed.ts'
import { type Answer, ask, jsonOf } from './ask.ts'
import type { ServerGround } from './server-case.ts'

/** A host that knows the seed and nothing else. */
export interface SeedHost {
  readonly hostname: string
  readonly agentsn: string
  /** Reports, and resolves with the jobs of the reply. */
  report(results?: readonly SeedResult[]): Promise<readonly SeedJob[]>
}

/** A host this server has never heard of, registered. */
export async function newHost(ground: ServerGround): Promise<SeedHost> {
  const hostname = `host-${randomUUID()}`
  const { agentsn } = await register(ground, { hostname, agentsn: randomUUID() })
  return {
    hostname,
    agentsn,
    report: (jobs = []) => report(ground, reportOf({ hostname, agentsn, jobs })),
  }
}

/** Registers, and resolves with what the host is to be called from now on. */
export async function register(ground: ServerGround, request: object): Promise<{ agentsn: string; tags: string }> {
  const answer = await post(ground, PATHS.register, JSON.stringify(request))
  return readReply(answer, SEED.registered) as { agentsn: string; tags: string }
}

/** Reports, and resolves with the jobs of a reply as the seed has it. */
export async function report(ground: ServerGround, body: object): Promise<readonly SeedJob[]> {
  const answer = await post(ground, PATHS.status, JSON.stringify(body))
  const { jobs } = readReply(answer, '{"status": 0, "jobs": []}') as { jobs: readonly SeedJob[] }
  assert.deepEqual(departures([{ id: '', action: '' }], jobs, 'jobs'), [])
  return jobs
}

/** The seed's own report with some of its fields changed. */
export function reportOf(fields: Partial<SeedReport>): SeedReport {
  return { ...(JSON.parse(SEED.report) as SeedReport), agents: [], jobs: [], ...fields }
}

/** Posts a body as it is; the seed says nothing of a content type, so a case may give any or none. */
export function post(ground: ServerGround, path: string, body: string | Uint8Array, type = 'application/json'): Promise<Answer> {
  return ask(ground, { method: 'POST', path, body, headers: type === '' ? {} : { 'content-type': type } })
}

function readReply(answer: Answer, like: string): unknown {
  const text = answer.bytes.toString('utf8').slice(0, 200)
  assert.ok(answer.status >= 200 && answer.status <= 299, `the server answered ${answer.status}: ${text}`)
  const body = jsonOf(answer)
  assert.deepEqual(departures(JSON.parse(like), body), [], "the reply departs from the seed's example")
  return body
}
