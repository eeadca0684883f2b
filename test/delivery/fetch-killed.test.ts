import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { systemClock } from '@bootagent/runtime'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startNginx, startVsftpd } from '../../packages/bootagent/test/worker/real-servers.ts'
import { type Fleet, startFleet } from '../fleet.ts'
import { hasEnded, isReport, isStep, order, partOf, until } from './stage.ts'

let fleet: Fleet
let bytes: Buffer

beforeAll(async () => {
  fleet = await startFleet()
  bytes = makePackage(fleet.directory)
})

afterAll(() => fleet.end())

/** An agent that is a shell script, with a megabyte that no compression makes smaller. */
function makePackage(directory: string): Buffer {
  const tree = `${directory}/large`
  mkdirSync(tree)
  writeFileSync(`${tree}/large`, '#!/bin/sh\nexec sleep 1000000\n', { mode: 0o755 })
  writeFileSync(`${tree}/ballast`, randomBytes(1_000_000))
  execFileSync('tar', ['-C', directory, '-czf', `${tree}.tar.gz`, 'large'])
  return readFileSync(`${tree}.tar.gz`)
}

function install(agentsn: string, url: string): Promise<string> {
  const checksum = `SHA512:${digestOf(bytes)}`
  return order(fleet, 'install', 'large', '--host', agentsn, '--url', url, '--checksum', checksum, '--exec', 'large/large')
}

function digestOf(of: Buffer): string {
  return createHash('sha512').update(of).digest('hex')
}

// C3: by the log of a real server, which is asked for the rest and for nothing that was there.
test('killed in the middle of a download, a host fetches only the rest', { timeout: 240_000 }, async () => {
  const server = await startNginx({ 'large-1.0.0.tar.gz': bytes }, 'limit_rate 200k;')
  const doomed = fleet.startHost('doomed')
  await doomed.line(isReport)
  const job = await install('doomed', `http://127.0.0.1:${server.port}/large-1.0.0.tar.gz`)
  const part = `${fleet.homeOf('doomed')}/packages/${digestOf(bytes)}.part`
  await doomed.line(isStep('download'))
  const before = await sizeOver(part, 100_000)
  process.kill(doomed.pid, 'SIGKILL')
  await doomed.ended
  const host = fleet.startHost('doomed')
  const where = { fleet, host, agentsn: 'doomed', job }
  expect(await until(where, hasEnded)).toMatchObject({ state: 'succeeded', errcode: 0 })
  const lines = server.log().trim().split('\n')
  expect(lines).toHaveLength(2)
  const [, from, sent] = /^206 bytes=(\d+)- (\d+)$/.exec(lines[1] ?? '') ?? []
  expect(Number(from)).toBeGreaterThanOrEqual(before)
  expect(Number(sent)).toBe(bytes.length - Number(from))
  // Another host of the same package may come tomorrow; this one has it.
  const again = await order(fleet, 'uninstall', 'large', '--host', 'doomed')
  await until({ ...where, job: again }, hasEnded)
  const once = await install('doomed', 'http://127.0.0.1:1/large-1.0.0.tar.gz')
  expect(await until({ ...where, job: once }, hasEnded)).toMatchObject({ state: 'succeeded', errcode: 0 })
  await host.stop()
})

/** A file grows without telling anybody. */
async function sizeOver(path: string, bytesAtLeast: number): Promise<number> {
  for (;;) {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    if (size > bytesAtLeast) return size
    await systemClock.sleep(10)
  }
}

// The seed's own example is delivered by ftp.
test('an agent that comes by ftp runs', { timeout: 240_000 }, async () => {
  const server = await startVsftpd({ 'large-1.0.0.tar.gz': bytes })
  const host = fleet.startHost('by-ftp')
  await host.line(isReport)
  const job = await install('by-ftp', `ftp://127.0.0.1:${server.port}/large-1.0.0.tar.gz`)
  expect(await until({ fleet, host, agentsn: 'by-ftp', job }, hasEnded)).toMatchObject({ state: 'succeeded', errcode: 0 })
  await host.stop()
})

test('reports never wait for a download, and tell which try it is and how far it has come', { timeout: 240_000 }, async () => {
  const asked = Promise.withResolvers<ServerResponse>()
  let tries = 0
  const url = await serve((response) => {
    tries += 1
    if (tries === 1) return void response.writeHead(503).end()
    response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, 500_000))
    asked.resolve(response)
  })
  const host = fleet.startHost('patient')
  await host.line(isReport)
  const job = await install('patient', `${url}/large-1.0.0.tar.gz`)
  const response = await asked.promise
  // Until the server says otherwise the download stands still; the host goes on talking.
  const where = { fleet, host, agentsn: 'patient', job }
  const told = await until(where, ({ progress }) => (progress?.done ?? 0) > 0)
  expect(told).toMatchObject({
    state: 'running',
    progress: { stage: `download ${url}/large-1.0.0.tar.gz, try 2 of 5`, total: bytes.length },
  })
  for (let n = 0; n < 3; n += 1) await host.nextLine(isReport)
  expect(await partOf(fleet, 'patient', job)).toMatchObject({ state: 'running' })
  response.end(bytes.subarray(500_000))
  expect(await until(where, hasEnded)).toMatchObject({ state: 'succeeded' })
  await host.stop()
})

async function serve(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_, response) => answer(response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
