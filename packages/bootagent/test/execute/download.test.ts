import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import process from 'node:process'
import { systemClock } from '@bootagent/runtime'
import { expect, test } from 'vitest'
import { createRates } from '../../src/execute/rates.ts'
import { download } from '../../src/execute/steps/download.ts'
import type { Paths } from '../../src/state/paths.ts'
import { BYTES } from '../worker/fetching.ts'
import { serve } from '../worker/servers.ts'
import { sha256 } from '../worker/workplace.ts'
import { workOf } from './work-of.ts'

const DIGEST = sha256(BYTES)
const UNSTOPPED = { signal: new AbortController().signal, cutShort: new AbortController().signal }
const HALF = 100_000

/** How a server answers its first request, its second …; from then on it sends what was asked for. */
type Answer = (response: ServerResponse, from: number, request: IncomingMessage) => void

async function serveInTurn(...answers: readonly Answer[]): Promise<{ url: string; ranges: (string | undefined)[] }> {
  const ranges: (string | undefined)[] = []
  const url = await serve((request, response) => {
    const answer = answers[ranges.length] ?? sendFrom
    ranges.push(request.headers.range)
    answer(response, Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0), request)
  })
  return { url: `${url}/package.tar.gz`, ranges }
}

const sendFrom: Answer = (response, from) => begin(response, from).end(BYTES.subarray(from))

function begin(response: ServerResponse, from: number): ServerResponse {
  const range = { 'content-range': `bytes ${from}-${BYTES.length - 1}/${BYTES.length}` }
  return response.writeHead(from === 0 ? 200 : 206, {
    'content-length': BYTES.length - from,
    etag: '"one"',
    ...(from === 0 ? {} : range),
  })
}

/** Sends the first half and then nothing; calls back when that is on its way. */
function hangAfterHalf(then: (response: ServerResponse) => void): Answer {
  return (response) => begin(response, 0).write(BYTES.subarray(0, HALF), () => then(response))
}

function packagesIn(paths: Paths): string[] {
  return readdirSync(paths.packages).toSorted()
}

function sizeOfPart(paths: Paths): number {
  return readFileSync(`${paths.packages}/${DIGEST}.part`).length
}

test('a server that is not ready is asked again when it wants to be, and it is told which try it is', async () => {
  const busy: Answer = (response) => response.writeHead(503, { 'retry-after': '7' }).end()
  const { url, ranges } = await serveInTurn(busy, busy)
  const slept: number[] = []
  const clock = { ...systemClock, sleep: async (ms: number) => slept.push(ms) > 0 }
  const { work, paths, notes } = workOf({ clock })
  await download({ url, digest: DIGEST }, work)
  expect(readFileSync(`${paths.packages}/${DIGEST}`).equals(BYTES)).toBe(true)
  expect(packagesIn(paths)).toEqual([DIGEST])
  expect({ slept, asked: ranges.length }).toEqual({ slept: [7000, 7000], asked: 3 })
  expect(notes).toEqual(expect.arrayContaining(['try 2 of 5 in 7 s', 'try 3 of 5 in 7 s']))
})

test('a refusal is final', async () => {
  const { url, ranges } = await serveInTurn((response) => response.writeHead(404).end())
  await expect(download({ url, digest: DIGEST }, workOf().work)).rejects.toMatchObject({ reason: 'fetch-refused' })
  expect(ranges).toHaveLength(1)
})

test('a server that never is there is given up after so many tries, and the sentence says how many', async () => {
  const { url, ranges } = await serveInTurn(...Array<Answer>(9).fill((response) => response.writeHead(500).end()))
  const failure = { reason: 'fetch-failed', message: expect.stringMatching(/answered 500 .*; after 3 tries$/) }
  await expect(
    download({ url, digest: DIGEST }, workOf({ worker: { tries: { tries: 3, pause: 1 } } }).work),
  ).rejects.toMatchObject(failure)
  expect(ranges).toHaveLength(3)
})

test('wrong bytes are fetched once more from the start, and then it is the package that is wrong', async () => {
  const wrong: Answer = (response) => response.end(Buffer.alloc(BYTES.length, 'wrong'))
  const once = await serveInTurn(wrong)
  await download({ url: once.url, digest: DIGEST }, workOf().work)
  expect(once.ranges).toEqual([undefined, undefined])
  const twice = await serveInTurn(wrong, wrong, wrong)
  await expect(download({ url: twice.url, digest: DIGEST }, workOf().work)).rejects.toMatchObject({
    reason: 'checksum-mismatch',
    message: expect.stringContaining('also when it was fetched anew'),
  })
  expect(twice.ranges).toHaveLength(2)
})

// As when the kernel kills it for want of memory: what had come is not lost with it.
test('a worker that is killed is followed by another, which asks only for the rest', async () => {
  const { work, paths } = workOf()
  const { url, ranges } = await serveInTurn(hangAfterHalf(() => void killWorker(paths)))
  await download({ url, digest: DIGEST, size: BYTES.length }, work)
  expect(readFileSync(`${paths.packages}/${DIGEST}`).equals(BYTES)).toBe(true)
  expect(ranges).toEqual([undefined, `bytes=${HALF}-`])
})

/** Once it has written what it was sent. */
async function killWorker(paths: Paths): Promise<void> {
  while (sizeOfPart(paths) < HALF) await systemClock.sleep(5)
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && worksIn(name, paths.tmp)))
    process.kill(Number(pid), 'SIGKILL')
}

function worksIn(pid: string, directory: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(`${directory}/`)
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

test('stopped, it leaves what has come, and the next BootAgent goes on from there', async () => {
  const stop = new AbortController()
  const { work, paths } = workOf({ signal: stop.signal, cutShort: stop.signal })
  const { url, ranges } = await serveInTurn(
    hangAfterHalf(async () => {
      while (sizeOfPart(paths) < HALF) await systemClock.sleep(5)
      stop.abort(new Error('stopped'))
    }),
  )
  await expect(download({ url, digest: DIGEST }, work)).rejects.toThrow('stopped')
  expect(packagesIn(paths)).toEqual([`${DIGEST}.part`, `${DIGEST}.source`])
  await download({ url, digest: DIGEST }, { ...work, ...UNSTOPPED })
  expect(packagesIn(paths)).toEqual([DIGEST])
  expect(ranges).toEqual([undefined, `bytes=${HALF}-`])
})

test('called off, it leaves nothing', async () => {
  const calledOff = new AbortController()
  const { work, paths } = workOf({ cutShort: calledOff.signal })
  const { url } = await serveInTurn(hangAfterHalf(() => calledOff.abort(new Error('called off'))))
  await expect(download({ url, digest: DIGEST }, work)).rejects.toThrow('called off')
  expect(packagesIn(paths)).toEqual([])
})

test('a deadline ends a download that is under way, and the pause before the next try as well', async () => {
  const soon = () => Math.floor(Date.now() / 1000) + 2
  const hanging = await serveInTurn(hangAfterHalf(() => undefined))
  const failure = { reason: 'deadline-passed' }
  await expect(download({ url: hanging.url, digest: DIGEST, deadline: soon() }, workOf().work)).rejects.toMatchObject(failure)
  const refusing = await serveInTurn((response) => response.writeHead(503, { 'retry-after': '600' }).end())
  await expect(download({ url: refusing.url, digest: DIGEST, deadline: soon() }, workOf().work)).rejects.toMatchObject(failure)
})

test('two jobs with one package fetch it once', async () => {
  const { work } = workOf()
  const { url, ranges } = await serveInTurn()
  await Promise.all([download({ url, digest: DIGEST }, work), download({ url, digest: DIGEST }, work)])
  expect(ranges).toHaveLength(1)
})

// A17: neither idle nor too long in any one step, and still without end.
test('a byte at a time is given up when its time is over, told, and gone on with', async () => {
  const trickle: Answer = (response, from) => {
    begin(response, from)
    let at = from
    const timer = setInterval(() => response.write(BYTES.subarray(at, ++at)), 20)
    response.once('close', () => clearInterval(timer))
  }
  const { url, ranges } = await serveInTurn(trickle, trickle)
  const { work, notes } = workOf({
    worker: { timeouts: { connect: 5000, idle: 20_000, total: 3000 }, tries: { tries: 2, pause: 1 } },
  })
  const failure = { reason: 'fetch-timeout', message: expect.stringContaining('; after 2 tries') }
  await expect(download({ url, digest: DIGEST }, work)).rejects.toMatchObject(failure)
  expect(notes).toContain('try 2 of 2 in 0 s')
  expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=\d+-$/)])
})

// Faster it cannot be, however fast the machine; slower only makes it hold the more.
test.each([
  ['a job’s rate', { rate: 10 }, undefined],
  ['the host’s rate', {}, 10 * 1024],
])('%s bounds what comes in a time', async (_, wanted, whole) => {
  const { url } = await serveInTurn()
  const { work, paths } = workOf({
    worker: { rates: createRates(whole), timeouts: { connect: 5000, idle: 20_000, total: 4000 }, tries: { tries: 1, pause: 1 } },
  })
  await expect(download({ url, digest: DIGEST, ...wanted }, work)).rejects.toMatchObject({ reason: 'fetch-timeout' })
  expect(sizeOfPart(paths)).toBeLessThan(10 * 1024 * 5)
})

test('a key that cannot be read is named, and nobody is asked', async () => {
  const { url, ranges } = await serveInTurn()
  const { work } = workOf({ worker: { tls: { key: '/no/such/key.pem' } } })
  const failure = { reason: 'fetch-tls', message: expect.stringContaining('/no/such/key.pem') }
  await expect(download({ url, digest: DIGEST }, work)).rejects.toMatchObject(failure)
  expect(ranges).toEqual([])
})
