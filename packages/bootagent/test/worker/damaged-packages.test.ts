import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Reason } from '@bootagent/protocol'
import { StepError } from '../../src/errors.ts'
import { readPackage } from '../../src/worker/read-package.ts'
import { DEFAULT_UNPACK_LIMITS } from '../../src/worker/unpack-limits.ts'
import { atRest } from './corpus/at-rest.ts'
import { goodPackages, type GoodPackage } from './corpus/good-packages.ts'
import { pictureOfOutside, plantOutside, removeOutside } from './corpus/outside.ts'
import { unpackByWorker } from './corpus/play.ts'

const PACKAGES = goodPackages().map((good) => [good.form, good] as const)
const PARTS = 64

/** What a package comes to, to the last byte, or the reason for which it is refused. */
async function read({ format }: GoodPackage, bytes: Buffer): Promise<{ tree: string[] } | { reason: Reason }> {
  const tree: string[] = []
  const source = { format, limits: DEFAULT_UNPACK_LIMITS, ...atRest(bytes) }
  try {
    await readPackage(source, async ({ part, kept, body }) => {
      const hash = createHash('sha256')
      for await (const piece of body) hash.update(piece)
      if (part === 'payload') tree.push(`${JSON.stringify(kept)} ${hash.digest('hex')}`)
    })
    return { tree }
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    return { reason: error.reason }
  }
}

function cutAt({ bytes }: GoodPackage, part: number): Buffer {
  return bytes.subarray(0, Math.floor((bytes.length * part) / PARTS))
}

/** One bit, another one at each place. */
function flippedAt({ bytes }: GoodPackage, part: number): Buffer {
  const copy = Buffer.from(bytes)
  const at = Math.floor((bytes.length * part) / PARTS)
  copy[at] = (copy[at] ?? 0) ^ (1 << (part % 8))
  return copy
}

const parts = [...Array(PARTS).keys()]

// A digest can vouch for a package that was broken before it was made.
test.each(PACKAGES)('a %s that is cut anywhere is refused as broken', async (_, good) => {
  expect(await read(good, good.bytes)).toHaveProperty('tree.length', 6)
  for (const part of parts) {
    expect(await read(good, cutAt(good, part))).toEqual({ reason: expect.stringMatching(/^(archive-broken|checksum-mismatch)$/) })
  }
})

const OF_PACKAGES = /^(archive-broken|archive-unsafe|archive-unknown|archive-too-large|checksum-mismatch)$/

// Where nothing vouches for a file's bytes, in a bare tar, they may be others; names, types and modes never are.
test.each(PACKAGES)('a %s with any bit flipped is refused, or comes to the very same', async (form, good) => {
  const whole = await read(good, good.bytes)
  let refused = 0
  for (const part of parts) {
    const end = await read(good, flippedAt(good, part))
    if ('reason' in end) {
      expect(end.reason).toMatch(OF_PACKAGES)
      refused += 1
    } else expect(form === 'tar' ? withoutContent(end) : end).toEqual(form === 'tar' ? withoutContent(whole) : whole)
  }
  expect(refused).toBeGreaterThan(form === 'tar' ? 10 : PARTS / 2)
})

function withoutContent(end: { tree: string[] } | { reason: Reason }): unknown {
  return 'tree' in end ? end.tree.map((line) => line.slice(0, -64)) : end
}

beforeAll(plantOutside)
afterAll(removeOutside)

test.each(PACKAGES)('a worker that is given a damaged %s leaves nothing, inside or outside', async (_, good) => {
  const before = pictureOfOutside()
  for (const bytes of [cutAt(good, 40), flippedAt(good, 21)]) {
    const { outcome, ...traces } = await unpackByWorker({ format: good.format, bytes })
    if ('reason' in outcome) expect(outcome.reason).toMatch(OF_PACKAGES)
    expect(traces).toMatchObject({ processes: [], staging: [] })
  }
  expect(pictureOfOutside()).toEqual(before)
})
