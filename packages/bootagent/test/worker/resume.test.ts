import type { IncomingHttpHeaders, RequestListener, ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { BYTES, fetchWith, leavePart, readPart } from './fetching.ts'
import { serve } from './servers.ts'
import { makeWorkplace } from './workplace.ts'

const TAG = '"one"'
const CUT = 77_777

/** A server that knows ranges, and what it was asked. */
async function serveRanges(options: { tag?: string; answer?: RequestListener } = {}) {
  const asked: IncomingHttpHeaders[] = []
  const url = await serve((request, response) => {
    asked.push(request.headers)
    if (options.answer !== undefined && request.headers.range !== undefined) return options.answer(request, response)
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const known = request.headers['if-range'] === undefined || request.headers['if-range'] === options.tag
    if (options.tag !== undefined) response.setHeader('etag', options.tag)
    if (from > 0 && known) sendPart(response, from)
    else response.setHeader('content-length', BYTES.length).end(BYTES)
  })
  return { url, asked }
}

function sendPart(response: ServerResponse, from: number, range = `bytes ${from}-${BYTES.length - 1}/${BYTES.length}`): void {
  response.writeHead(206, { 'content-range': range }).end(BYTES.subarray(from))
}

/** Goes on with a part of `have` bytes; what it became, and what was asked for on the way. */
async function goOn(
  server: Awaited<ReturnType<typeof serveRanges>>,
  { have = BYTES.subarray(0, CUT), ...options }: { have?: Buffer; validator?: string; size?: number } = {},
) {
  const place = makeWorkplace()
  leavePart(place, have)
  const told: (string | undefined)[] = []
  await fetchWith(server.url, { place, ...options, settings: { onSource: (validator) => told.push(validator) } })
  expect(readPart(place).equals(BYTES)).toBe(true)
  return { told, ranges: server.asked.map(({ range }) => range), conditions: server.asked.map((each) => each['if-range']) }
}

test('only the rest is asked for, on the condition that it is the rest of the same', async () => {
  const { ranges, conditions, told } = await goOn(await serveRanges({ tag: TAG }), { validator: TAG })
  expect({ ranges, conditions, told }).toEqual({ ranges: [`bytes=${CUT}-`], conditions: [TAG], told: [TAG] })
})

test('a package that has changed meanwhile comes whole, with what is said of it now', async () => {
  const { ranges, told } = await goOn(await serveRanges({ tag: '"two"' }), { validator: TAG, have: Buffer.alloc(CUT, 'old') })
  expect({ ranges, told }).toEqual({ ranges: [`bytes=${CUT}-`], told: ['"two"'] })
})

// The digest is of all bytes, so that going on without a condition risks a download, and no mistake.
test('where nothing was said of the package, the rest is asked for without a condition', async () => {
  const { ranges, conditions } = await goOn(await serveRanges())
  expect({ ranges, conditions }).toEqual({ ranges: [`bytes=${CUT}-`], conditions: [undefined] })
})

test('the rest of something else is found out by the digest', async () => {
  const place = makeWorkplace()
  leavePart(place, Buffer.alloc(CUT, 'other'))
  const { url } = await serveRanges()
  await expect(fetchWith(url, { place })).rejects.toMatchObject({ reason: 'checksum-mismatch' })
})

test('a package that is there whole is asked for nowhere', async () => {
  const { ranges } = await goOn(await serveRanges(), { have: BYTES })
  expect(ranges).toEqual([])
})

test.each([
  ['as long as the package and something else', Buffer.alloc(BYTES.length, 'x')],
  ['longer than the package', Buffer.alloc(BYTES.length + 1, 'package ')],
])('what is %s is worth nothing', async (_, have) => {
  const { ranges } = await goOn(await serveRanges(), { have, size: BYTES.length })
  expect(ranges).toEqual([undefined])
})

// Who sends another part than was asked for is asked for the whole: a broken server must not mean that nothing can be fetched.
test.each([
  ['from another place', (response: ServerResponse) => sendPart(response, 1000)],
  ['that says where it begins and does not begin there', (response: ServerResponse) => sendPart(response, CUT, 'bytes 0-9/10')],
  ['without a word on which', (response: ServerResponse) => response.writeHead(206).end('x')],
  ['that ends before the end', (response: ServerResponse) => sendPart(response, CUT, `bytes ${CUT}-${CUT + 9}/${BYTES.length}`)],
  ['in several pieces', (response: ServerResponse) => response.writeHead(206, { 'content-type': 'multipart/byteranges' }).end()],
  ['of nothing, since it begins behind the end', (response: ServerResponse) => response.writeHead(416).end()],
])('a part %s is not taken, and the whole is asked for', async (_, answer) => {
  const { ranges } = await goOn(await serveRanges({ answer: (_request, response) => answer(response) }))
  expect(ranges).toEqual([`bytes=${CUT}-`, undefined])
})

// What the kernel or the parser still held when the line was cut may be lost; what is in the file is right, and is not fetched again.
test('cut off at any byte again and again, a package comes as a whole, and nothing that is there is fetched again', async () => {
  const cuts = [1, 2, 65_535, 65_536, 65_537, 131_072, BYTES.length - 1]
  const place = makeWorkplace()
  const asked: number[] = []
  const url = await serve((request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const to = cuts[asked.length]
    asked.push(from)
    const range = { 'content-range': `bytes ${from}-${BYTES.length - 1}/${BYTES.length}` }
    response.writeHead(from === 0 ? 200 : 206, { 'content-length': BYTES.length - from, ...(from === 0 ? {} : range) })
    if (to === undefined) response.end(BYTES.subarray(from))
    else response.write(BYTES.subarray(from, to), () => response.destroy())
  })
  const here = [0]
  for (const cut of cuts) {
    await expect(fetchWith(url, { place })).rejects.toMatchObject({ reason: 'fetch-cut' })
    const part = readPart(place)
    expect(part.length).toBeLessThanOrEqual(cut)
    expect(part.equals(BYTES.subarray(0, part.length))).toBe(true)
    here.push(part.length)
  }
  await fetchWith(url, { place })
  expect(readPart(place).equals(BYTES)).toBe(true)
  expect(asked).toEqual(here)
})
