import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Answer, refuse, scriptedServer } from './scripted-server.ts'
import { bootfleet } from './terminal.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bootfleet-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function tokenFile(content: string, mode = 0o600): string {
  const path = join(directory, 'token')
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}

test('no server is said as it is, with how to name another, and ends with 3', async () => {
  const gone = await scriptedServer({})
  await gone[Symbol.asyncDispose]()
  expect(await bootfleet(gone.url, ['hosts'])).toEqual({
    code: 3,
    out: '',
    err: `bootfleet: cannot reach ${gone.url}: is bootserver running there? (--server or BOOTFLEET_SERVER)\n`,
  })
})

test('a connection that is cut without an answer is no server either, and says how it ended', async () => {
  const rude = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(rude, 'listening')
  const { code, err } = await bootfleet(`127.0.0.1:${(rude.address() as { port: number }).port}`, ['hosts'])
  rude.close()
  expect(code).toBe(3)
  expect(err).toMatch(/^bootfleet: cannot reach http:\/\/127.0.0.1:\d+ \((ECONNRESET|UND_ERR_SOCKET)\)/)
})

test.each<[string, Answer, RegExp]>([
  [
    'a refusal',
    refuse(422, 'nothing-matches', 'no host has those tags'),
    /^bootfleet: the server refused: no host has those tags\n$/,
  ],
  [
    'a missing token',
    refuse(401, 'token-needed', 'a token is needed'),
    /a token is needed \(--token-file or BOOTFLEET_TOKEN_FILE\)/,
  ],
  ['a busy server', refuse(503, 'busy', 'come back later'), /come back later/],
  ['an error page of a proxy', { status: 502, text: '<html>' }, /answered 502, but not as bootserver does/],
  ['a redirect', { status: 302, text: '' }, /answered 302/],
  ['something that is not JSON', { status: 200, text: '<html>' }, /answered what this bootfleet cannot read/],
  ['JSON of another shape', { json: { hosts: [{ agentsn: 7 }] } }, /cannot read: hosts\.0\.agentsn: /],
])('%s ends with 4 and a sentence', async (_, answer, sentence) => {
  await using server = await scriptedServer({ 'GET /api/v1/hosts': () => answer })
  const { code, out, err } = await bootfleet(server.url, ['hosts'])
  expect({ code, out }).toEqual({ code: 4, out: '' })
  expect(err).toMatch(sentence)
})

test('a field this version does not know is no trouble', async () => {
  await using server = await scriptedServer({ 'GET /api/v1/hosts': () => ({ json: { hosts: [], cursor: 'x' } }) })
  expect((await bootfleet(server.url, ['hosts'])).code).toBe(0)
})

test('the token goes as a bearer token, from the option or from the environment', async () => {
  await using server = await scriptedServer({ 'GET /api/v1/hosts': () => ({ json: { hosts: [] } }) })
  const path = tokenFile('secret\n')
  await bootfleet(server.url, ['hosts', '--token-file', path])
  await bootfleet(server.url, ['hosts'], { env: { BOOTFLEET_TOKEN_FILE: path } })
  await bootfleet(server.url, ['hosts'], { env: { BOOTFLEET_TOKEN_FILE: '' } })
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret', 'Bearer secret', undefined])
})

// The threat: a redirect that carries the request, and with it the fleet, to somebody else's server.
test('a redirect is not followed', async () => {
  await using elsewhere = await scriptedServer({ 'GET /api/v1/hosts': () => ({ json: { hosts: [] } }) })
  const moved = { status: 307, text: '', location: `${elsewhere.url}/api/v1/hosts` }
  await using server = await scriptedServer({ 'GET /api/v1/hosts': () => moved })
  const { code, err } = await bootfleet(server.url, ['hosts'])
  expect(code).toBe(4)
  expect(err).toMatch(/answered 307, but not as bootserver does/)
  expect(elsewhere.requests).toEqual([])
})

test('a token that others can read is used, with a warning', async () => {
  await using server = await scriptedServer({ 'GET /api/v1/hosts': () => ({ json: { hosts: [] } }) })
  const { code, err } = await bootfleet(server.url, ['hosts', '--json', '--token-file', tokenFile('secret', 0o644)])
  expect(code).toBe(0)
  expect(err).toMatch(/can be read by others; chmod 600/)
})

test.each([
  ['is missing', () => join(directory, 'none')],
  ['is a directory', () => directory],
  ['is empty', () => tokenFile('\n')],
  ['holds more than a token', () => tokenFile('user: me\npassword: x')],
])('a token file that %s ends with 6 before anything is sent', async (_, path) => {
  await using server = await scriptedServer({})
  expect((await bootfleet(server.url, ['hosts', '--token-file', path()])).code).toBe(6)
  expect(server.requests).toEqual([])
})

test.each([
  ['after the command', ['hosts', '--server']],
  ['before the command', ['--server']],
])('--server %s goes before the environment', async (_, argv) => {
  await using server = await scriptedServer({ 'GET /api/v1/hosts': () => ({ json: { hosts: [] } }) })
  const address = new URL(server.url).host
  const line = argv[0] === 'hosts' ? [...argv, address] : [...argv, address, 'hosts']
  expect((await bootfleet('127.0.0.1:1', line)).code).toBe(0)
})
