import process from 'node:process'
import type { Format } from '@bootagent/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { StepError } from '../../src/errors.ts'
import { readPackage } from '../../src/worker/read-package.ts'
import { DEFAULT_UNPACK_LIMITS } from '../../src/worker/unpack-limits.ts'
import { ar, DEB_CONTROL, DEB_VERSION } from './corpus/ar-members.ts'
import { cpio, type CpioPart, rpm, rpmHeader, rpmOf } from './corpus/cpio-rpm.ts'
import { atRest } from './corpus/at-rest.ts'
import { debOf, type Entry, rpmOf as rpmOfEntries, tarOf, zipOf } from './corpus/entry.ts'
import { goodPackages } from './corpus/good-packages.ts'
import { targz } from './corpus/tar-blocks.ts'
import { zip, type ZipPart } from './corpus/zip-records.ts'
import { gzipSync } from 'node:zlib'

/** The same in every run, unless more of them are asked for: then each run is another one. fast-check prints the seed of a failure. */
const RUNS = Number(process.env['BOOTAGENT_RUNS'] ?? 300)
const SETTINGS = process.env['BOOTAGENT_RUNS'] === undefined ? { seed: 20_261_129, numRuns: RUNS } : { numRuns: RUNS }

/** What a package comes to, names and bodies, or the error it is refused with. Pieces of these lengths, the rest in one. */
async function read(format: Format, bytes: Buffer, cuts: readonly number[] = []): Promise<string[] | StepError> {
  const lines: string[] = []
  const source = { format, limits: DEFAULT_UNPACK_LIMITS, ...atRest(bytes), bytes: inPieces(bytes, cuts) }
  try {
    await readPackage(source, async ({ part, kept, body }) => {
      const pieces: Buffer[] = []
      for await (const piece of body) pieces.push(piece)
      if (part === 'payload') lines.push(`${JSON.stringify(kept)} ${Buffer.concat(pieces).toString('latin1')}`)
    })
    return lines
  } catch (error) {
    // Anything else is a fault of ours, and fails the property as it is.
    if (error instanceof StepError && REASONS.includes(error.reason)) return error
    throw error
  }
}

const REASONS: readonly string[] = [
  'archive-broken',
  'archive-unsafe',
  'archive-unknown',
  'archive-too-large',
  'checksum-mismatch',
]

async function* inPieces(bytes: Buffer, lengths: readonly number[]): AsyncGenerator<Buffer, void> {
  let at = 0
  for (const length of [...lengths, bytes.length]) {
    yield bytes.subarray(at, at + length)
    at += length
  }
}

const PACKERS = {
  tar: tarOf,
  'tar.gz': (entries: readonly Entry[]) => gzipSync(tarOf(entries)),
  zip: zipOf,
  deb: debOf,
  rpm: rpmOfEntries,
}

/** Honest trees: no name twice, no file where a directory is, links that stay inside. */
const honest = fc
  .uniqueArray(
    fc.record({
      name: fc.stringMatching(/^[a-z]{1,8}(é|ü|\.x)?$/),
      type: fc.constantFrom('file', 'directory', 'symlink'),
      body: fc.uint8Array({ maxLength: 3000 }),
      rights: fc.constantFrom(0o644, 0o755),
    }),
    { selector: ({ name }) => name, maxLength: 12 },
  )
  .map((records) => records.map((record, n) => entryOf(record, n % 3 === 0 ? '' : `d${n % 3}/`)))

function entryOf(record: { name: string; type: string; body: Uint8Array; rights: number }, under: string): Entry {
  const name = `${under}${record.name}`
  if (record.type === 'directory') return { type: 'directory', name: `${name}/` }
  if (record.type === 'symlink') return { type: 'symlink', name, target: `${record.name}-target` }
  return { type: 'file', name, body: Buffer.from(record.body), rights: record.rights }
}

function expected(entries: readonly Entry[]): string[] {
  return entries.map(({ type, name, body, target, rights }) => {
    const path = String(name).replace(/\/$/, '')
    if (type === 'directory') return `${JSON.stringify({ kind: 'directory', path })} `
    if (type === 'symlink') return `${JSON.stringify({ kind: 'symlink', path, target })} `
    const bytes = Buffer.from(body ?? '')
    return `${JSON.stringify({ kind: 'file', path, mode: rights, size: bytes.length })} ${bytes.toString('latin1')}`
  })
}

const cuts = fc.array(fc.nat(700), { maxLength: 40 })

test.each(Object.entries(PACKERS) as [Format, (entries: readonly Entry[]) => Buffer][])(
  'whatever honest tree is packed as %s, and however its stream is cut, what is read is what was packed',
  async (format, pack) => {
    await fc.assert(
      fc.asyncProperty(honest, cuts, async (entries, lengths) => {
        expect(await read(format, pack(entries), lengths)).toEqual(expected(entries))
      }),
      { ...SETTINGS, numRuns: RUNS / 3 },
    )
  },
)

const GOOD = goodPackages().filter(({ form }) => !form.includes('xz'))

// No checksum is mended: most changes are seen there, which is their use.
test.each(GOOD.map((good) => [good.form, good] as const))(
  'a %s with any bytes changed is read or refused',
  async (_, { format, bytes }) => {
    const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(changes, async (places) => {
        const copy = Buffer.from(bytes)
        for (const [at, value] of places) copy[at] = value
        await read(format, copy)
      }),
      SETTINGS,
    )
  },
)

const uint = (bits: number) => fc.oneof(fc.nat(40), fc.nat(2 ** bits - 1), fc.constant(2 ** bits - 1))
const optional = { requiredKeys: [] }
const name = fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom('x', '../x', '/x', 'a/../b', 'd/', ''))
const body = fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes))

/** Fields that contradict one another, in records that are well formed otherwise: what a fuzzer that knows the form would send. */
const HOSTILE: Readonly<Record<string, readonly [Format, fc.Arbitrary<Buffer>]>> = {
  'zip whose directory and records lie': [
    'zip',
    fc
      .tuple(
        fc.array(zipPart(), { maxLength: 4 }),
        fc.record({ entries: uint(16), entriesHere: uint(16), size: uint(32), offset: uint(32) }, optional),
        fc.option(fc.record({ entries: uint(32), size: uint(32), offset: uint(40) }, optional), { nil: undefined }),
        fc.oneof(fc.constant(Buffer.alloc(0)), body),
      )
      .map(([parts, end, zip64, after]) => zip(parts, { end, after, ...(zip64 === undefined ? {} : { zip64 }) })),
  ],
  'rpm whose cpio lies': ['rpm', fc.array(cpioPart(), { maxLength: 4 }).map((parts) => rpmOf(gzipSync(cpio(parts))))],
  'rpm whose header is noise': [
    'rpm',
    fc
      .tuple(
        fc.array(fc.tuple(uint(13), uint(4), uint(32), uint(32)), { maxLength: 8 }),
        body,
        fc.record({ entries: uint(32), bytes: uint(32) }, optional),
      )
      .map(([index, store, counts]) => rpm([{ name: './x', body: 'x' }], { header: noisyHeader(index, store, counts) })),
  ],
  'deb whose ar lies': [
    'deb',
    fc
      .array(
        fc.tuple(
          fc.constantFrom('debian-binary', 'control.tar.gz', 'data.tar.gz', '//', '/0', '#1/4', 'x'),
          body,
          fc.string({ unit: 'grapheme-ascii', maxLength: 10 }),
        ),
        { maxLength: 5 },
      )
      .map((members) =>
        members.reduce(
          (bytes, [member, content, size]) => withSize(bytes, ar([member, content]), size),
          ar(DEB_VERSION, DEB_CONTROL),
        ),
      ),
  ],
  'deb with members in any order': [
    'deb',
    fc
      .shuffledSubarray([DEB_VERSION, DEB_CONTROL, ['data.tar.gz', targz()] as const, ['data.tar', Buffer.alloc(1024)] as const])
      .map((members) => ar(...members)),
  ],
}

function zipPart(): fc.Arbitrary<ZipPart> {
  const numbers = { method: fc.constantFrom(0, 8, 12, 99), flags: uint(16), crc: uint(32), packedSize: uint(32), size: uint(32) }
  const said = { name, extra: body, ...numbers }
  return fc
    .tuple(
      name,
      fc.record(
        {
          body,
          ...numbers,
          extra: body,
          at: uint(32),
          mode: uint(16),
          host: fc.nat(30),
          behind: body,
          local: fc.record(said, optional),
        },
        optional,
      ),
    )
    .map(([named, more]) => ({ name: named, ...more }))
}

function cpioPart(): fc.Arbitrary<CpioPart> {
  const numbers = { mode: uint(32), inode: uint(32), links: uint(32), size: uint(32), nameSize: uint(32), check: uint(32) }
  return fc
    .tuple(name, fc.record({ body, ...numbers, magic: fc.constantFrom('070701', '070702', '070707', '07070X') }, optional))
    .map(([named, more]) => ({ name: named, ...more }))
}

/** An index of any numbers, over a store of any bytes. */
function noisyHeader(index: readonly (readonly number[])[], store: Buffer, counts: { entries?: number; bytes?: number }): Buffer {
  const head = rpmHeader([], { entries: counts.entries ?? index.length, bytes: counts.bytes ?? store.length })
  const entries = index.map((fields) => {
    const entry = Buffer.alloc(16)
    fields.forEach((value, n) => entry.writeUInt32BE(value >>> 0, n * 4))
    return entry
  })
  return Buffer.concat([head, ...entries, store])
}

/** One more member, its size written by somebody else. */
function withSize(before: Buffer, member: Buffer, size: string): Buffer {
  const copy = Buffer.from(member.subarray(8))
  if (size !== '') copy.write(size.padEnd(10), 48, 10, 'latin1')
  return Buffer.concat([before, copy])
}

test.each(Object.entries(HOSTILE))(
  'a %s is read or refused, the same however its stream is cut',
  async (_, [format, packages]) => {
    await fc.assert(
      fc.asyncProperty(packages, cuts, async (bytes, lengths) => {
        const [whole, pieces] = [await read(format, bytes), await read(format, bytes, lengths)]
        expect(String(pieces)).toEqual(String(whole))
      }),
      SETTINGS,
    )
  },
)
