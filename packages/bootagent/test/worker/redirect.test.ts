import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { createGate } from '../../src/worker/gate.ts'
import { BYTES, fetchWith } from './fetching.ts'
import { serve } from './servers.ts'

/** A way to fetch from a host elsewhere without one: what stands for the proxy answers in its place, leading to `location`. */
async function fetchByWayOf(location: string): Promise<unknown> {
  const proxy = await serve((_, response) => response.writeHead(302, { location }).end())
  return fetchWith('http://packages.example/package', { proxies: { http: proxy, none: '127.0.0.1,localhost' } })
}

// A31: whoever answers over http could have the fleet ask its own metadata services.
test('a server elsewhere does not lead a host to itself', async () => {
  let asked = 0
  const url = await serve((_, response) => {
    asked += 1
    response.end(BYTES)
  })
  for (const inward of [url, url.replace('127.0.0.1', 'localhost'), url.replace('127.0.0.1', '2130706433')]) {
    const failure = { reason: 'fetch-redirect', message: expect.stringContaining('this host itself') }
    await expect(fetchByWayOf(`${inward}/package`)).rejects.toMatchObject(failure)
  }
  expect(asked).toBe(0)
})

test('nor to the metadata service of its cloud, also from this host itself', async () => {
  const failure = { reason: 'fetch-redirect', message: expect.stringContaining('only this host’s own network') }
  const metadata = 'http://169.254.169.254/latest/meta-data'
  await expect(fetchByWayOf(metadata)).rejects.toMatchObject(failure)
  const here = await serve((_, response) => response.writeHead(302, { location: metadata }).end())
  await expect(fetchWith(here)).rejects.toMatchObject(failure)
})

test('from this host to itself is followed, five times and no more', async () => {
  const url: string = await serve((request, response) => {
    const left = Number(request.url?.slice(1))
    if (left === 0) response.end(BYTES)
    else response.writeHead(302, { location: `/${left - 1}` }).end()
  })
  await expect(fetchWith(`${url}/5`)).resolves.toEqual({ bytes: BYTES.length })
  await expect(fetchWith(`${url}/6`)).rejects.toMatchObject({ reason: 'fetch-redirect' })
})

// Or the server that is led to would learn it.
test('the login of a url goes to its own server, and to no other', async () => {
  const heard: (string | undefined)[] = []
  const there = await serve((request, response) => {
    heard.push(request.headers.authorization)
    response.end(BYTES)
  })
  const here = await serve((request, response) => {
    heard.push(request.headers.authorization)
    response.writeHead(302, { location: `${there}/package` }).end()
  })
  await fetchWith(here.replace('//', '//me:p%40ss@'))
  expect(heard).toEqual([`Basic ${Buffer.from('me:p@ss').toString('base64')}`, undefined])
})

describe('a name', () => {
  const lookUp = (gate: ReturnType<typeof createGate>) => promisify(gate.lookup)('localhost', { all: true })

  test('is judged by its addresses, where the connection is made', async () => {
    const gate = createGate()
    gate.admit(new URL('http://192.0.2.1/'))
    gate.admit(new URL('http://looks-harmless.example/'))
    await expect(lookUp(gate)).rejects.toMatchObject({ reason: 'fetch-redirect' })
  })

  test('that the job’s own url has may mean this host, and redirects may then lead there', async () => {
    const gate = createGate()
    gate.admit(new URL('http://this-host.example/'))
    await lookUp(gate)
    gate.admit(new URL('http://127.0.0.1/'))
    // Asked once more, as when a part was not to be had.
    gate.begin()
    for (const url of ['http://this-host.example/', 'http://127.0.0.1/']) gate.admit(new URL(url))
    expect(() => gate.admit(new URL('http://169.254.169.254/'))).toThrow(expect.objectContaining({ reason: 'fetch-redirect' }))
  })
})
