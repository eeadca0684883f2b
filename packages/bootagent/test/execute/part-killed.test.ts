import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProgram } from '@bootagent/runtime/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { program } from '../state/program.ts'
import { BYTES, fetchWith, PATIENT, readPart } from '../worker/fetching.ts'
import { serve } from '../worker/servers.ts'
import { makeWorkplace, PROGRAM, sha256, type Workplace } from '../worker/workplace.ts'

const DIGEST = sha256(BYTES)
/** More than any package of these tests may have. */
const TOO_MUCH = PATIENT.maxBytes + 1

/** A command under strace, which kills or fails it at a system call; strace counts by thread, so there is one for all files. */
function under(inject: string, command: readonly string[]): [string, ...string[]] {
  return ['strace', '-f', '-qq', '-o', '/dev/null', '-E', 'UV_THREADPOOL_SIZE=1', '-e', `inject=${inject}`, ...command]
}

// C3: whatever has happened by then, the bytes are there under one name or the other, and the next BootAgent brings it to its end.
test.each(['fchmod:1', 'fsync:1', 'rename:1', 'fsync:2', 'unlink:1'])(
  'killed at %s while a part becomes the package',
  async (place) => {
    const [call = '', nth = ''] = place.split(':')
    const home = mkdtempSync(join(tmpdir(), 'bootagent-part-'))
    onTestFinished(() => rmSync(home, { recursive: true, force: true }))
    const packages = `${home}/packages`
    mkdirSync(packages)
    writeFileSync(`${packages}/${DIGEST}.part`, BYTES)
    writeFileSync(`${packages}/${DIGEST}.source`, '{}')
    const take = program('execute/fixtures/take-part', home, DIGEST)
    expect(await runProgram(under(`${call}:signal=KILL:when=${nth}`, take))).toMatchObject({ signal: 'SIGKILL', stdout: '' })
    const name = existsSync(`${packages}/${DIGEST}`) ? DIGEST : `${DIGEST}.part`
    expect(readFileSync(`${packages}/${name}`).equals(BYTES)).toBe(true)
    expect(await runProgram(take)).toMatchObject({ code: 0, stdout: 'taken\n' })
    expect(readFileSync(`${packages}/${DIGEST}`).equals(BYTES)).toBe(true)
    expect(existsSync(`${packages}/${DIGEST}.part`)).toBe(false)
  },
)

/** Fetches with a worker that meets a fault of the system; what it failed with, or undefined. */
async function fetchUnder(inject: string, url: string, place: Workplace): Promise<unknown> {
  const [command, ...args] = under(inject, [PROGRAM.command, ...PROGRAM.args])
  return fetchWith(url, { place, settings: { program: { command, args } } }).then(
    () => undefined,
    (error: unknown) => error,
  )
}

async function serveParts(): Promise<string> {
  return serve((request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const range = { 'content-range': `bytes ${from}-${BYTES.length - 1}/${BYTES.length}` }
    response.writeHead(from === 0 ? 200 : 206, from === 0 ? {} : range).end(BYTES.subarray(from))
  })
}

describe('a worker', () => {
  // Until none is left: then it has written everything, and a kill at one more write does not come to be.
  test('killed at each of its writes leaves what is right, and what is gone on with', async () => {
    const url = await serveParts()
    for (let nth = 1; ; nth += 1) {
      const place = makeWorkplace()
      const failure = await fetchUnder(`pwrite64:signal=KILL:when=${nth}`, url, place)
      const part = readPart(place)
      expect(part.equals(BYTES.subarray(0, part.length))).toBe(true)
      if (failure === undefined) return expect(nth).toBeGreaterThan(2)
      expect(failure).toMatchObject({ reason: 'internal', message: expect.stringContaining('SIGKILL') })
      await fetchWith(url, { place })
      expect(readPart(place).equals(BYTES)).toBe(true)
    }
  })

  // None of these is tried again: a disk does not come right by being asked once more.
  test.each([
    ['pwrite64:error=ENOSPC:when=2', 'disk-full'],
    ['pwrite64:error=EDQUOT:when=1', 'disk-full'],
    ['pwrite64:error=EIO:when=2', 'disk-error'],
    ['fsync:error=EIO:when=1', 'disk-error'],
    ['ftruncate:error=EIO:when=1', 'disk-error'],
  ])('that meets %s fails with %s', async (inject, reason) => {
    const place = makeWorkplace()
    // What is there is of no use, so that it must be cut off first.
    writeFileSync(join(place.home, 'part'), Buffer.alloc(TOO_MUCH, 'x'), { mode: 0o600 })
    expect(await fetchUnder(inject, await serveParts(), place)).toMatchObject({ reason })
  })
})
