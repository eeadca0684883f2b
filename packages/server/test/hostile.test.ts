import { connect } from 'node:net'
import { MAX_REPORT_BYTES } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { registerRequest, statusReport } from './messages.ts'
import { startServer } from './start-server.ts'

const STATUS = '/agent/status'
const JOBS = '/api/v1/jobs'
const JSON_TYPE = { 'content-type': 'application/json' }

test.each<
  [claim: string, method: string, path: string, body: unknown, headers: Record<string, string>, code: string, status: number]
>([
  ['text', 'POST', STATUS, 'hello', JSON_TYPE, 'not-json', 415],
  ['nothing', 'POST', STATUS, '', JSON_TYPE, 'not-json', 415],
  ['JSON cut short', 'POST', STATUS, '{"hostname":', JSON_TYPE, 'not-json', 415],
  ['a byte that is no text', 'POST', STATUS, new Uint8Array([0xff, 0xfe]), JSON_TYPE, 'not-json', 415],
  [
    'compressed JSON',
    'POST',
    STATUS,
    new Uint8Array([0x1f, 0x8b, 8, 0]),
    { ...JSON_TYPE, 'content-encoding': 'gzip' },
    'not-json',
    415,
  ],
  ['an order that does not say it is JSON', 'POST', JOBS, '{}', { 'content-type': 'text/plain' }, 'not-json', 415],
  ['a form', 'POST', JOBS, 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 'not-json', 415],
  ['null', 'POST', STATUS, 'null', JSON_TYPE, 'bad-request', 400],
  ['an array', 'POST', STATUS, '[]', JSON_TYPE, 'bad-request', 400],
  ['an array 30,000 deep', 'POST', STATUS, '['.repeat(30_000) + ']'.repeat(30_000), JSON_TYPE, 'bad-request', 400],
  ['a report of wrong types', 'POST', STATUS, { ...statusReport(), agents: 'none' }, {}, 'bad-request', 400],
  ['a report without a hostname', 'POST', STATUS, { ...statusReport(), hostname: undefined }, {}, 'bad-request', 400],
  ['an agentsn that is a path', 'POST', '/agent/register', registerRequest({ agentsn: '../../etc' }), {}, 'bad-request', 400],
  ['an agentsn of 10 KB', 'POST', '/agent/register', registerRequest({ agentsn: 'a'.repeat(10_240) }), {}, 'bad-request', 400],
  ['an empty agentsn', 'POST', '/agent/register', registerRequest({ agentsn: '' }), {}, 'bad-request', 400],
  ['an agentsn of pictures', 'POST', '/agent/register', registerRequest({ agentsn: '🦊' }), {}, 'bad-request', 400],
  ['a report too large', 'POST', STATUS, statusReport({ version: 'v'.repeat(MAX_REPORT_BYTES) }), {}, 'too-large', 413],
  ['5 MB', 'POST', STATUS, 'x'.repeat(5_000_000), JSON_TYPE, 'too-large', 413],
  ['an order too large', 'POST', JOBS, { envs: { A: 'x'.repeat(300_000) } }, {}, 'too-large', 413],
  ['a job without a target', 'POST', JOBS, { action: 'stop', name: 'metrics' }, {}, 'bad-request', 400],
  ['a job for nobody', 'POST', JOBS, { target: { hosts: [] }, action: 'stop', name: 'metrics' }, {}, 'bad-request', 400],
  ['an unknown action', 'POST', JOBS, { target: { all: true }, action: 'explode', name: 'metrics' }, {}, 'bad-request', 400],
  [
    'a job when there are no hosts',
    'POST',
    JOBS,
    { target: { all: true }, action: 'stop', name: 'metrics' },
    {},
    'nothing-matches',
    422,
  ],
  ['tags that are none', 'PATCH', '/api/v1/hosts/sn-1', { tags: 'svc' }, {}, 'bad-request', 400],
  ['a selector that is none', 'GET', '/api/v1/hosts?tags=svc', undefined, {}, 'bad-request', 400],
  ['a selector given twice', 'GET', '/api/v1/hosts?tags=a=b&tags=c=d', undefined, {}, 'bad-request', 400],
  ['an unknown host', 'GET', '/api/v1/hosts/nobody', undefined, {}, 'not-found', 404],
  ['tags for an unknown host', 'PATCH', '/api/v1/hosts/nobody', { tags: '' }, {}, 'not-found', 404],
  ['an unknown job', 'GET', '/api/v1/jobs/nothing', undefined, {}, 'not-found', 404],
  ['an unknown address', 'GET', '/nothing/here', undefined, {}, 'not-found', 404],
  ['a method that is not served', 'DELETE', '/agent/status', undefined, {}, 'not-found', 404],
  ['an address that cannot be read', 'GET', '/api/v1/hosts/%zz', undefined, {}, 'bad-request', 400],
  ['a part of the address of 1,000 characters', 'GET', `/api/v1/hosts/${'a'.repeat(1000)}`, undefined, {}, 'not-found', 404],
])('%s is refused with a reason', async (_, method, path, body, headers, code, status) => {
  const { ask } = await startServer()
  const answer = await ask(method, path, body, headers)
  expect([answer.status, answer.json]).toEqual([status, { code, message: expect.stringMatching(/\w/) }])
})

test('unknown fields are ignored, __proto__ among them', async () => {
  const { ask } = await startServer()
  const body = `{"unknown": {"deep": [1]}, "__proto__": {"polluted": 1}, ${JSON.stringify(statusReport()).slice(1)}`
  expect((await ask('POST', STATUS, body)).status).toBe(200)
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
})

test('what is no HTTP at all gets the same kind of answer', async () => {
  const { url } = await startServer()
  const answer = await new Promise<string>((resolve, reject) => {
    let text = ''
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write('what is this\r\n\r\n'))
    socket.setEncoding('latin1').on('data', (chunk) => (text += chunk))
    socket.on('end', () => resolve(text)).on('error', reject)
  })
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ code: 'bad-request' })
})

test('health is told to anyone', async () => {
  const { ask } = await startServer({ token: 'secret' })
  expect((await ask('GET', '/health')).json).toEqual({ status: 'ok', version: '0.1.0' })
})
