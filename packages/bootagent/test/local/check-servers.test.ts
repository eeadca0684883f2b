import { writeFileSync } from 'node:fs'
import process from 'node:process'
import { formatServer } from '@bootagent/protocol'
import { runProgram } from '@bootagent/runtime/testing'
import { describe, expect, test } from 'vitest'
import { makeCertificates } from '../remote/certificates.ts'
import { answerJson, deadAddress, listenHttp, listenHttps, listenRaw } from '../remote/servers.ts'
import { createTestedHost, testHost } from './tested-host.ts'

const HERE = makeCertificates('IP:127.0.0.1')
const ELSEWHERE = makeCertificates('DNS:elsewhere.example')

/** A host with these servers in its metafile, that trusts an authority where a test gives one. */
function createHost(servers: string, { ca, config = {} }: { ca?: string; config?: object } = {}) {
  const host = createTestedHost({ svrlist: servers }, config)
  if (ca === undefined) return host
  writeFileSync(`${host.root}/ca.pem`, ca)
  writeFileSync(host.config, JSON.stringify({ ...config, ca: `${host.root}/ca.pem` }))
  return host
}

describe('a server that answers is as it should be', () => {
  test('by http', async () => {
    const server = await listenHttp((_, response) => answerJson(response, { status: 'ok' }))
    const { code, of } = await testHost(createHost(formatServer(server)))
    expect(of('server')).toEqual([`ok ${formatServer(server)} (metafile): answers (200)`])
    expect(code).toBe(0)
  })

  test('by https, with an authority of one’s own', async () => {
    const server = await listenHttps(HERE, (_, response) => response.end())
    const { code, of } = await testHost(createHost(formatServer(server), { ca: HERE.ca }))
    expect(of('server')).toEqual([`ok ${formatServer(server)} (metafile): answers (200)`])
    expect(code).toBe(0)
  })

  // It has two routes, and both would register or report.
  test('also where it knows no more than the seed does; and nothing is registered or reported', async () => {
    const asked: string[] = []
    const server = await listenHttp(({ method, url = '' }, response) => {
      asked.push(`${method} ${url}`)
      response.writeHead(['/agent/register', '/agent/status'].includes(url) ? 500 : 404).end()
    })
    const host = createTestedHost()
    const { code, of } = await testHost(host, '-S', formatServer(server))
    expect(of('server')).toEqual([`ok ${formatServer(server)} (-S): answers (404)`])
    expect(asked).toEqual(['GET /health'])
    expect(code).toBe(0)
  })

  test('and is not asked at all with --offline', async () => {
    const server = await listenHttp((_, response) => response.end())
    const { code, of } = await testHost(createHost(formatServer(server)), '--offline')
    expect(of('server')).toEqual([`ok ${formatServer(server)} (metafile): not asked (--offline)`])
    expect(server.connections()).toBe(0)
    expect(code).toBe(0)
  })
})

describe('a server that does not is told, by how far it came', () => {
  async function refused(servers: string, more: Parameters<typeof createHost>[1] = {}): Promise<string> {
    const { code, of } = await testHost(createHost(servers, more))
    expect(code).toBe(1)
    return of('server')[0] ?? ''
  }

  test('a name that is not known', async () => {
    expect(await refused('no-such-host.invalid')).toMatch(
      /^FAIL http:\/\/no-such-host\.invalid:8180 \(metafile\): not found: its name .*; see \/etc\/resolv\.conf/,
    )
  })

  test('a port that nobody listens at', async () => {
    expect(await refused(formatServer(await deadAddress()))).toMatch(/no connection: nothing listens there/)
  })

  test('an authority that is not trusted', async () => {
    const server = await listenHttps(HERE, (_, response) => response.end())
    expect(await refused(formatServer(server), { ca: ELSEWHERE.ca })).toMatch(/no TLS: .*; name its authority as "ca"/)
  })

  test('a certificate for another name', async () => {
    const server = await listenHttps(ELSEWHERE, (_, response) => response.end())
    expect(await refused(formatServer(server), { ca: ELSEWHERE.ca })).toMatch(/no TLS: .*; its certificate is for another name/)
  })

  test('https where http is spoken, and the other way round', async () => {
    const plain = await listenHttp((_, response) => response.end())
    expect(await refused(`https://127.0.0.1:${plain.port}`)).toMatch(/no TLS: .*; it does not speak TLS there: write http:\/\//)
    const secure = await listenHttps(HERE, (_, response) => response.end())
    expect(await refused(`http://127.0.0.1:${secure.port}`)).toMatch(/no answer: .*https:\/\//)
  })

  test('something that is no HTTP', async () => {
    const server = await listenRaw((socket) => socket.end('220 ready\r\n'))
    expect(await refused(formatServer(server))).toMatch(/no answer: the answer is not HTTP/)
  })

  test('one that takes the connection and never answers, in bounded time', async () => {
    const server = await listenRaw(() => undefined)
    const config = { connect: 0.2, exchange: 0.2 }
    expect(await refused(formatServer(server), { config })).toMatch(/no answer: none within 0\.4 s/)
    expect(await refused(`https://127.0.0.1:${server.port}`, { config })).toMatch(/no TLS: none within 0\.2 s/)
  })
})

test('one of several that fails is a warning, and all are asked side by side', async () => {
  const waiting: (() => void)[] = []
  // Neither is answered before both have come.
  const answer = (response: { end(): unknown }) => {
    waiting.push(() => response.end())
    if (waiting.length === 2) for (const each of waiting) each()
  }
  const [first, second] = [
    await listenHttp((_, response) => answer(response)),
    await listenHttp((_, response) => answer(response)),
  ]
  const list = [first, await deadAddress(), second].map(formatServer)
  const { code, of } = await testHost(createHost(list.join(',')))
  expect(of('server').map((line) => line.split(' ', 2).join(' '))).toEqual([`ok ${list[0]}`, `warn ${list[1]}`, `ok ${list[2]}`])
  expect(code).toBe(0)
})

// A look-up inside the process would hold its end for 150 s.
test('a name server that never answers holds the test no longer than a connection may take', async ({ skip }) => {
  if (process.getuid?.() !== 0) skip('a network of its own needs root')
  const host = createHost('slow.example', { config: { connect: 0.5 } })
  writeFileSync(`${host.root}/resolv.conf`, 'nameserver 127.0.0.1\noptions timeout:30 attempts:5\n')
  const listening = `${process.execPath} -e 'require("node:dgram").createSocket("udp4").bind(53, "127.0.0.1", () => process.stdout.write("up\\n"))'`
  const inside = `ip link set lo up; mount --bind "$0" /etc/resolv.conf; ${listening} >"$0.up" & until [ -s "$0.up" ]; do :; done; "$@"; code=$?; kill $!; exit $code`
  const { code, stdout } = await runProgram([
    'unshare',
    '--net',
    '--mount',
    'sh',
    '-c',
    inside,
    `${host.root}/resolv.conf`,
    ...host.command(),
  ])
  expect(stdout).toMatch(
    /^FAIL +server +http:\/\/slow\.example:8180 \(metafile\): not found: its name was not looked up within 0\.5 s/m,
  )
  expect(code).toBe(1)
})
