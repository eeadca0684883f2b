import { strict as assert } from 'node:assert'
import { createHash, randomUUID } from 'node:crypto'
import { ask, jsonOf } from './ask.ts'
import type { SeedHost } from './seed-host.ts'
import type { ServerGround } from './server-case.ts'

/** A published package: what hosts must be told of it, and what they must get. */
export interface Published {
  readonly name: string
  readonly bytes: Buffer
  readonly sha256: string
}

/** Asks for a job for one host (PROTOCOL.md, section 9); resolves with its id. */
export async function order(ground: ServerGround, host: SeedHost, job: object): Promise<string> {
  const body = JSON.stringify({ target: { hosts: [host.agentsn] }, ...job })
  const made = await operate(ground, { method: 'POST', path: '/api/v1/jobs', body, type: 'application/json' })
  return (made as { id: string }).id
}

/** Where one host is with one job, as operators see it. */
export async function look(ground: ServerGround, host: SeedHost, id: string): Promise<Record<string, unknown>> {
  const job = (await operate(ground, { method: 'GET', path: `/api/v1/jobs/${id}` })) as { hosts: { agentsn: string }[] }
  const seen = job.hosts.find(({ agentsn }) => agentsn === host.agentsn)
  return { ...(seen ?? assert.fail('the job does not show the host it was made for')) }
}

/** Publishes a package of a new name, for every platform a host may have. */
export async function publish(ground: ServerGround): Promise<Published> {
  const name = `Agent-${randomUUID()}`
  const bytes = Buffer.from(`the bytes of ${name}`)
  const path = `/api/v1/packages/${name}/1.2.3?os=linux&arch=any&file=${name}-1.2.3.tar.gz`
  await operate(ground, { method: 'PUT', path, body: bytes, type: 'application/octet-stream' })
  return { name, bytes, sha256: createHash('sha256').update(bytes).digest('hex') }
}

interface Operation {
  readonly method: string
  readonly path: string
  readonly body?: string | Uint8Array
  readonly type?: string
}

async function operate(ground: ServerGround, { method, path, body, type }: Operation): Promise<unknown> {
  const headers = {
    ...(type === undefined ? {} : { 'content-type': type }),
    ...(ground.token === undefined ? {} : { authorization: `Bearer ${ground.token}` }),
  }
  const answer = await ask(ground, { method, path, headers, ...(body === undefined ? {} : { body }) })
  const said = answer.bytes.toString('utf8').slice(0, 200)
  assert.ok(
    answer.status >= 200 && answer.status <= 299,
    `the operator's ${method} ${path} was answered ${answer.status}: ${said}`,
  )
  return jsonOf(answer)
}
