import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readPackage } from '../../src/worker/read-package.ts'
import { readTar } from '../../src/worker/read-tar.ts'
import { DEFAULT_UNPACK_LIMITS } from '../../src/worker/unpack-limits.ts'
import { StepError } from '../../src/errors.ts'
import { deb } from './corpus/ar-members.ts'
import { atRest } from './corpus/at-rest.ts'
import { directory, file, hardlink, long, pax, symlink, tar } from './corpus/tar-blocks.ts'

const GOOD = tar(
  directory('d/'),
  pax({ path: 'd/é' }),
  file('x', 'body'),
  long('d/long'),
  file('y'),
  symlink('l', 'd'),
  hardlink('h', 'd/é'),
)

/** Bytes in pieces of the given lengths, the rest in one. */
async function* inPieces(bytes: Buffer, lengths: readonly number[] = []): AsyncGenerator<Buffer, void> {
  let at = 0
  for (const length of [...lengths, bytes.length]) {
    yield bytes.subarray(at, at + length)
    at += length
  }
}

async function namesIn(bytes: AsyncIterable<Buffer>): Promise<string[]> {
  const names: string[] = []
  for await (const entry of readTar(bytes)) names.push(entry.path)
  return names
}

// B24: every cut is noticed, not only those in the middle of something.
test('an archive cut anywhere is refused', async () => {
  for (let length = 0; length < GOOD.length; length += 128) {
    await expect(namesIn(inPieces(GOOD.subarray(0, length)))).rejects.toMatchObject({ reason: 'archive-broken' })
  }
})

test('it makes no difference how a stream is cut into pieces', async () => {
  const whole = await namesIn(inPieces(GOOD))
  expect(whole).toEqual(['d/', 'd/é', 'd/long', 'l', 'h'])
  const lengths = fc.array(fc.nat(700), { maxLength: 40 })
  const sameNames = fc.asyncProperty(lengths, async (cuts) => {
    expect(await namesIn(inPieces(GOOD, cuts))).toEqual(whole)
  })
  await fc.assert(sameNames)
})

/** An archive with a few bytes changed; the checksum of no header is mended, so most changes are seen there. */
const damaged = (bytes: Buffer) =>
  fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }).map((changes) => {
    const copy = Buffer.from(bytes)
    for (const [at, value] of changes) copy[at] = value
    return copy
  })

/** A header whose fields are noise and whose checksum is right: what a fuzzer that knows tar would send. */
const noise = fc
  .tuple(fc.uint8Array({ minLength: 512, maxLength: 512 }), fc.constantFrom(...'012567xgLKS'))
  .map(([bytes, type]) => {
    const block = Buffer.from(bytes)
    block.write(type, 156)
    block.write('ustar\x0000', 257)
    block.fill(' ', 148, 156)
    block.write(
      block
        .reduce((total, byte) => total + byte, 0)
        .toString(8)
        .padStart(6, '0'),
      148,
    )
    block.write('\0 ', 154)
    return tar(block)
  })

test.each([
  ['a damaged tar', 'tar.gz', fc.oneof(damaged(GOOD), noise)],
  ['a damaged deb', 'deb', damaged(deb(directory('./'), file('./x')))],
] as const)('%s is read or refused, and never a fault of ours', async (_, format, packages) => {
  await fc.assert(
    fc.asyncProperty(packages, async (bytes) => {
      const error = await (format === 'deb' ? judge(bytes) : namesIn(inPieces(bytes))).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      if (error !== undefined) expect(error).toBeInstanceOf(StepError)
    }),
    { numRuns: 500 },
  )
})

async function judge(bytes: Buffer): Promise<void> {
  const source = { format: 'deb', limits: DEFAULT_UNPACK_LIMITS, ...atRest(bytes) } as const
  await readPackage(source, () => Promise.resolve())
}
