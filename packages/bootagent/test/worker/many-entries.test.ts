import { constants, createGzip } from 'node:zlib'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import type { Format } from '@bootagent/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { runInWorker } from '../../src/worker/spawn-worker.ts'
import { DEFAULT_UNPACK_LIMITS } from '../../src/worker/unpack-limits.ts'
import { cpioPart, lead, rpmHeader } from './corpus/cpio-rpm.ts'
import { makeMemoryGroup } from './corpus/memory-group.ts'
import { END, long, part } from './corpus/tar-blocks.ts'
import { makeWorkplace, PROGRAM, sha256 } from './workplace.ts'

/** The heap that a worker is given, the one xz is, and the programs themselves. */
const MOST_MEMORY = 640 * 1024 ** 2

/** Inspects by a real worker; where the host can tell, what all its processes took together must stay below the limit. */
async function inspectMeasured(format: Format, bytes: Buffer): Promise<unknown> {
  const place = makeWorkplace()
  const path = join(place.home, 'package')
  writeFileSync(path, bytes)
  const packageFd = openSync(path, 'r')
  onTestFinished(() => closeSync(packageFd))
  const group = makeMemoryGroup()
  const program = group?.wrap(PROGRAM.command, ...PROGRAM.args) ?? PROGRAM
  const request = { kind: 'inspect', format, digest: sha256(bytes), limits: DEFAULT_UNPACK_LIMITS } as const
  const end = await runInWorker<'inspect'>(request, place.settings({ packageFd, program })).catch((error: unknown) => error)
  if (group !== undefined) expect(group.peak()).toBeLessThan(MOST_MEMORY)
  return end
}

/** Packed as it is made, since the whole of it would fill the memory of the test. */
function packed(pieces: Iterable<Buffer>): Promise<Buffer> {
  return buffer(Readable.from(pieces).pipe(createGzip({ level: constants.Z_BEST_SPEED })))
}

const MILLION = 1_000_000
/** Entries that are put together before they are packed: one piece each would take a minute. */
const BATCH = 2000

function* batches(entry: (n: number) => Buffer, count = MILLION): Generator<Buffer> {
  for (let n = 0; n < count; n += BATCH) yield Buffer.concat(Array.from({ length: BATCH }, (_, of) => entry(n + of)))
}

const TOO_MANY = { reason: 'archive-too-large', message: expect.stringContaining('more than 200000 entries') }
const LONG_TIME = { timeout: 600_000 }

// A file system is filled by names alone, and so is the memory of whoever remembers them.
test('a million empty files in a tar.gz are refused, and take no more memory than is given', LONG_TIME, async () => {
  const header = part({ name: '0'.repeat(7) })
  const archive = await packed(batches((n) => renamed(header, n)))
  expect(await inspectMeasured('tar.gz', archive)).toMatchObject(TOO_MANY)
})

/** The same header for another name: its sum changes by what the name's does. */
function renamed(header: Buffer, n: number): Buffer {
  const copy = Buffer.from(header)
  copy.write(String(n).padStart(7, '0'), 0, 'latin1')
  copy.fill(' ', 148, 156)
  let sum = 0
  for (const byte of copy) sum += byte
  copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return copy
}

test('a million empty files in an rpm are refused, and take no more memory than is given', LONG_TIME, async () => {
  const payload = await packed(batches((n) => cpioPart({ name: `./${n}`, body: '' })))
  const headers = [lead(), rpmHeader([[1000, [1]]]), Buffer.alloc(4), rpmHeader([[1000, 'p']])]
  expect(await inspectMeasured('rpm', Buffer.concat([...headers, payload]))).toMatchObject(TOO_MANY)
})

// Twenty bytes of a path are thirty directories on a disk.
test(
  'a hundred thousand paths of thirty directories each are refused, and take no more memory than is given',
  LONG_TIME,
  async () => {
    const archive = await packed(batches((n) => part({ name: `${n}/${'d/'.repeat(29)}x` }), 100_000))
    expect(await inspectMeasured('tar.gz', archive)).toMatchObject(TOO_MANY)
  },
)

// All that the limits allow, which no honest package comes near: half a minute of work, so by a command of its own.
test.runIf(process.env['BOOTAGENT_CORPUS'] === 'all')(
  'as many names as are allowed, as long as are allowed, are read in the memory that is given',
  LONG_TIME,
  async () => {
    const name = (n: number) => Buffer.from(`${String(n).padStart(6, '0')}${'жя'.repeat(60)}`)
    const entry = (n: number) => Buffer.concat([long(name(n)), part({ name: name(n).subarray(0, 100) })])
    const archive = await packed([...batches(entry, 200_000), END])
    expect(await inspectMeasured('tar.gz', archive)).toMatchObject({ entries: 200_000 })
  },
)
