import { request as httpRequest } from 'node:http'
import { PROBLEMS, ROUTES, type RouteName } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { type RunningServer, startServer } from './start-server.ts'

const names = Object.keys(ROUTES) as RouteName[]
const operatorRoutes = names.filter((name) => ROUTES[name].who === 'operator')
const otherRoutes = names.filter((name) => ROUTES[name].who !== 'operator')
const TOKEN = 'correct-horse-battery-staple'

const WRONG: readonly (string | undefined)[] = [
  undefined,
  '',
  'Bearer',
  'Bearer ',
  `Bearer ${TOKEN}x`,
  `Bearer ${TOKEN.slice(1)}`,
  `Bearer ${TOKEN.toUpperCase()}`,
  `Basic ${TOKEN}`,
  TOKEN,
]

test.each(operatorRoutes)('%s is closed to whoever has not the token, and open to whoever has', async (name) => {
  const server = await startServer({ token: TOKEN })
  for (const authorization of WRONG) {
    const { status, headers } = await knock(server, name, authorization === undefined ? {} : { authorization })
    expect([status, headers['www-authenticate']]).toEqual([PROBLEMS['token-needed'], 'Bearer'])
  }
  expect((await knock(server, name, { authorization: `Bearer ${TOKEN}` })).status).not.toBe(PROBLEMS['token-needed'])
})

test.each(otherRoutes)('%s needs no token', async (name) => {
  expect((await knock(await startServer({ token: TOKEN }), name, {})).status).not.toBe(PROBLEMS['token-needed'])
})

// DNS rebinding: a page at evil.example makes its own name resolve to 127.0.0.1 and talks to this server from the operator's browser.
test.each(operatorRoutes)('without a token, %s is served by loopback names only', async (name) => {
  const server = await startServer()
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:8180', '10.0.0.1', '[::2]:1', ' ']) {
    expect((await knock(server, name, { host })).status).toBe(PROBLEMS['token-needed'])
  }
  for (const host of ['localhost', 'localhost:8180', '127.0.0.1:1', '[::1]:8180']) {
    expect((await knock(server, name, { host })).status).not.toBe(PROBLEMS['token-needed'])
  }
})

test('a refused upload is not read: nothing is published', async () => {
  const server = await startServer({ token: TOKEN })
  const path = '/api/v1/packages/metrics/1.0.0?os=linux&arch=x64&file=m.tar.gz'
  expect((await server.ask('PUT', path, 'the bytes')).status).toBe(401)
  const { json } = await server.ask('GET', '/api/v1/packages', undefined, { authorization: `Bearer ${TOKEN}` })
  expect(json).toEqual({ packages: [] })
})

/** By hand, since fetch does not let a caller choose the Host header. */
function knock({ url }: RunningServer, name: RouteName, headers: Record<string, string>) {
  const { method, path } = ROUTES[name]
  return new Promise<{ status: number | undefined; headers: Record<string, unknown> }>((resolve, reject) => {
    const request = httpRequest(url + path.replaceAll(/:\w+/g, 'x'), { method, headers: { connection: 'close', ...headers } })
    request.on('response', (response) => {
      response.resume().on('end', () => resolve({ status: response.statusCode, headers: response.headers }))
    })
    request.on('error', reject).end()
  })
}
