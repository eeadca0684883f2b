import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { dirname } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { type Log, silentLog, systemClock } from '@bootagent/runtime'
import { createFakeClock } from '@bootagent/runtime/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type ControlParts, createControlServer } from '../../src/control/control-server.ts'
import { listenPrivately } from '../../src/control/private-socket.ts'
import type { ControlPorts } from '../../src/control/routes.ts'
import { scratch } from '../state/scratch-home.ts'
import { ask, freePort } from './daemon.ts'
import { exampleDaemonPicture, exampleHostPicture } from './example-picture.ts'

const RESULT = { id: 'local-1', errcode: 0, message: 'metrics is stopped', action: 'stop', name: 'metrics' }

const PORTS: ControlPorts = {
  picture: async () => exampleHostPicture(),
  lastWords: async () => ['goodbye'],
  order: async () => ({ kind: 'ended', result: RESULT }),
  daemon: async () => ({ version: '1.2.3', ...exampleDaemonPicture() }),
  end: { stop: () => undefined, drain: () => undefined, restart: () => undefined },
}

/** Starts a control server that ends with the test; answers with its socket. */
async function start(changes: Partial<ControlParts> = {}): Promise<{ socket: string; stop: () => Promise<void> }> {
  const socket = changes.socket ?? `${scratch()}/control.sock`
  const server = createControlServer({ ports: PORTS, metrics: undefined, clock: systemClock, log: silentLog, ...changes, socket })
  onTestFinished(() => server.stop())
  await server.start()
  return { socket, stop: () => server.stop() }
}

describe('the socket', () => {
  test('is its owner’s alone', async () => {
    const { socket } = await start()
    expect([modeOf(socket), statSync(socket).uid, statSync(socket).isSocket()]).toEqual(['600', process.getuid?.(), true])
    expect(readdirSync(dirname(socket))).toEqual(['control.sock'])
  })

  // Between the bind and the mode anybody could slip in, and stay connected.
  test('never was anybody else’s: when it is bound, it is where nobody else can come', async () => {
    const directory = scratch()
    chmodSync(directory, 0o777)
    const server = createHttpServer()
    onTestFinished(() => void server.close())
    let seen: string[] = []
    server.once('listening', () => {
      seen = readdirSync(directory).map((name) => `${name} ${modeOf(`${directory}/${name}`)}`)
    })
    await listenPrivately(server, `${directory}/control.sock`)
    expect(seen).toEqual(['.control 700'])
    expect(readdirSync(directory)).toEqual(['control.sock'])
  })

  test('takes the place of what a dead daemon has left', async () => {
    const socket = `${scratch()}/control.sock`
    await leaveStale(socket)
    await expect(ask(socket, 'GET', '/status')).rejects.toThrow('ECONNREFUSED')
    await start({ socket })
    expect((await ask(socket, 'GET', '/status')).status).toBe(200)
  })

  test('takes the place of a file, and of what a bind cut off has left', async () => {
    const directory = scratch()
    writeFileSync(`${directory}/control.sock`, 'not a socket')
    mkdirSync(`${directory}/.control/s`, { recursive: true })
    const { socket } = await start({ socket: `${directory}/control.sock` })
    expect((await ask(socket, 'GET', '/status')).status).toBe(200)
  })

  test('is gone when the server has stopped', async () => {
    const { socket, stop } = await start()
    await stop()
    expect(existsSync(socket)).toBe(false)
  })

  test('is left alone at the end if it is another’s by then', async () => {
    const { socket, stop } = await start()
    rmSync(socket)
    const other = await start({ socket })
    await stop()
    expect((await ask(other.socket, 'GET', '/status')).status).toBe(200)
  })

  test('is put back when somebody has taken it away', async () => {
    const clock = createFakeClock()
    const { socket } = await start({ clock })
    await clock.sleeping()
    rmSync(socket)
    void clock.advance(60_000)
    await clock.sleeping(0)
    while (!existsSync(socket)) await new Promise(setImmediate)
    expect((await ask(socket, 'GET', '/status')).status).toBe(200)
  })

  test.each([
    ['a path that is longer than the kernel takes', () => `${scratch()}/${'x'.repeat(100)}/control.sock`, 'there is no way'],
    ['a directory that is not there', () => `${scratch()}/missing/control.sock`, 'cannot be answered here now'],
  ])('that cannot be is said in the log, and the daemon goes on: %s', async (_, path, said) => {
    const lines: string[] = []
    const socket = path()
    await start({ socket, log: logInto(lines) })
    expect(lines).toEqual([expect.stringContaining(said)])
    expect(existsSync(socket)).toBe(false)
  })
})

describe('what is asked', () => {
  test('is answered in JSON', async () => {
    const { socket } = await start()
    const { status, body, type } = await ask(socket, 'GET', '/status')
    expect([status, type, JSON.parse(body)]).toEqual([200, 'application/json', exampleHostPicture()])
  })

  test.each([
    ['GET', '/agents/metrics', 200, '"lastWords":["goodbye"]'],
    ['POST', '/agents/metrics/stop', 200, '{"id":"local-1","errcode":0,"message":"metrics is stopped"}'],
    ['GET', '/usage', 200, '"agents":[{"name":"metrics"'],
    ['GET', '/daemon', 200, '{"version":"1.2.3","pid":812,'],
    ['POST', '/stop', 200, '"pid":812'],
    ['GET', '/restart', 405, 'not by that method'],
    ['GET', '/metrics?name[]=up', 200, 'bootagent_agents{state="running"} 1'],
    ['GET', '/agents/nobody', 404, 'nobody is not installed on this host'],
    ['GET', '/agents/metrics/stop', 405, 'not by that method'],
    ['DELETE', '/status', 405, 'not by that method'],
    ['POST', '/agents/metrics/uninstall', 404, 'there is no such thing here'],
    ['GET', '/', 404, 'no such thing'],
    ['GET', '//status', 404, 'no such thing'],
    ['GET', '/agents/../status', 404, 'no such thing'],
    ['GET', '/agents/%2e%2e', 404, 'no such thing'],
    ['GET', '/agents/constructor', 404, 'no such thing'],
    ['POST', '/agents/metrics/ACTION', 404, 'no such thing'],
    ['POST', `/agents/${'x'.repeat(51)}/stop`, 404, 'no such thing'],
    ['POST', '/agents/metrics/stop/', 404, 'no such thing'],
  ])('%s %s: %i', async (method, path, status, said) => {
    const { socket } = await start()
    const answer = await ask(socket, method, path)
    expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(said)])
  })

  test.each(['stop', 'drain', 'restart'] as const)('%s is answered before it is done', async (end) => {
    const done: string[] = []
    const ends = { stop: () => done.push('stop'), drain: () => done.push('drain'), restart: () => done.push('restart') }
    const { socket } = await start({ ports: { ...PORTS, end: ends } })
    expect([(await ask(socket, 'POST', `/${end}`)).status, done]).toEqual([200, [end]])
  })

  // It would end, and nobody would start it.
  test('restart is refused where no guard is', async () => {
    const { guard: _, ...alone } = exampleDaemonPicture()
    const done: string[] = []
    const end = { ...PORTS.end, restart: () => done.push('restart') }
    const { socket } = await start({ ports: { ...PORTS, end, daemon: async () => ({ version: '1.2.3', ...alone }) } })
    const { status, body } = await ask(socket, 'POST', '/restart')
    expect([status, body, done]).toEqual([409, expect.stringContaining('no guard is there'), []])
  })

  test('an order that is not taken says why', async () => {
    const { socket } = await start({ ports: { ...PORTS, order: async () => ({ kind: 'not-taken', why: 'the disk is full' }) } })
    expect(await ask(socket, 'POST', '/agents/metrics/stop')).toMatchObject({
      status: 503,
      body: '{"message":"the disk is full"}\n',
    })
  })

  test('a fault of ours is one answer, said in the log, and no more', async () => {
    const lines: string[] = []
    const picture = () => Promise.reject(new Error('a secret'))
    const { socket } = await start({ ports: { ...PORTS, picture }, log: logInto(lines) })
    const { status, body } = await ask(socket, 'GET', '/status')
    expect([status, body]).toEqual([500, expect.not.stringContaining('secret')])
    expect(lines.filter((line) => line.startsWith('error'))).toHaveLength(1)
    expect((await ask(socket, 'GET', '/agents/metrics/x')).status).toBe(404)
  })
})

describe('a hostile client', () => {
  test.each([
    ['garbage', '\x00\xffnothing\r\n\r\n'],
    ['a request line without end', 'GET /'.padEnd(100_000, 'x')],
    ['headers without end', `GET /status HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(10_000)}`],
    ['two lengths', 'POST /agents/metrics/stop HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    ['half a request', 'GET /status HTTP/1.1\r\nHo'],
    ['nothing at all', ''],
  ])('is let go of, and the next one is answered: %s', async (_, bytes) => {
    const { socket } = await start({ patience: 200 })
    const client = raw(socket)
    client.write(bytes)
    await closed(client)
    expect((await ask(socket, 'GET', '/status')).status).toBe(200)
  })

  test.each(['Content-Length: 10', 'Transfer-Encoding: chunked'])(
    'that sends a body is refused before it: %s',
    async (header) => {
      const { socket } = await start()
      const client = raw(socket)
      client.write(`POST /agents/metrics/stop HTTP/1.1\r\nHost: a\r\n${header}\r\n\r\n`)
      expect(await text(client)).toMatch(/^HTTP\/1\.1 413 /)
    },
  )

  test('cannot keep more than 32 connections', async () => {
    const { socket } = await start()
    const held = Array.from({ length: 32 }, () => raw(socket))
    await Promise.all(held.map((each) => once(each, 'connect')))
    const surplus = raw(socket)
    await closed(surplus)
    expect(held.filter((each) => each.destroyed)).toEqual([])
    held[0]?.destroy()
    // It is free once the server has seen that as well.
    while ((await ask(socket, 'GET', '/status').catch(() => undefined)) === undefined);
  })
})

describe('a stop', () => {
  test('answers who still waits for an order, and waits for nobody', async () => {
    const taken = Promise.withResolvers<void>()
    const order: ControlPorts['order'] = () => {
      taken.resolve()
      return new Promise(() => undefined)
    }
    const { socket, stop } = await start({ ports: { ...PORTS, order } })
    const idle = raw(socket)
    await once(idle, 'connect')
    const answer = ask(socket, 'POST', '/agents/metrics/stop')
    await taken.promise
    await stop()
    expect(await answer).toMatchObject({ status: 503, body: expect.stringContaining('carried out when it is started again') })
  })
})

describe('the metrics port', () => {
  test('has metrics and nothing else', async () => {
    const port = await freePort()
    await start({ metrics: { address: '127.0.0.1', port } })
    const url = `http://127.0.0.1:${port}`
    const answers = ['/metrics', '/status', '/usage', '/agents/metrics'].map(async (path) => (await fetch(url + path)).status)
    expect(await Promise.all(answers)).toEqual([200, 404, 404, 404])
    expect((await fetch(`${url}/agents/metrics/stop`, { method: 'POST' })).status).toBe(404)
    expect((await fetch(`${url}/metrics`)).headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  })

  // A page of example.com that was made to resolve to 127.0.0.1 must not read along in an operator's browser.
  test('answers to no other name than this host’s', async () => {
    const port = await freePort()
    await start({ metrics: { address: '127.0.0.1', port } })
    const client = connect(port, '127.0.0.1')
    client.write('GET /metrics HTTP/1.1\r\nHost: example.com\r\n\r\n')
    expect(await text(client)).toMatch(/^HTTP\/1\.1 403 /)
  })

  test('that another has is no reason to be without a socket', async () => {
    const other = createHttpServer().listen(0, '127.0.0.1')
    onTestFinished(() => void other.close())
    await once(other, 'listening')
    const lines: string[] = []
    const metrics = { address: '127.0.0.1', port: (other.address() as AddressInfo).port }
    const { socket } = await start({ metrics, log: logInto(lines) })
    expect((await ask(socket, 'GET', '/metrics')).status).toBe(200)
    expect(lines).toContainEqual(expect.stringContaining('warn operators cannot be answered here now'))
  })
})

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8)
}

/** What a daemon leaves that was killed: Node takes the name away itself at an orderly end, so it is renamed before. */
async function leaveStale(socket: string): Promise<void> {
  const dead = createServer().listen(`${socket}.dead`)
  await once(dead, 'listening')
  renameSync(`${socket}.dead`, socket)
  dead.close()
  await once(dead, 'close')
}

function raw(path: string): Socket {
  const client = connect(path)
  client.on('error', () => undefined)
  onTestFinished(() => void client.destroy())
  return client
}

/** Whether it was closed politely or reset is all one. */
function closed(client: Socket): Promise<void> {
  return new Promise((resolve) => void client.resume().once('close', () => resolve()))
}

function logInto(lines: string[]): Log {
  const log = (level: string) => (_: unknown, message: string) => void lines.push(`${level} ${message}`)
  return Object.assign(Object.create(silentLog) as Log, { info: () => undefined, warn: log('warn'), error: log('error') })
}
