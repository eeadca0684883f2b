import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPackage } from '../../src/worker/read-package.ts'
import { DEFAULT_UNPACK_LIMITS } from '../../src/worker/unpack-limits.ts'
import { atRest } from './corpus/at-rest.ts'
import { makeWorkplace } from './workplace.ts'

/** A zip as the program zip makes it; each case spoils one thing in it. */
function honestZip(): Buffer {
  const { home } = makeWorkplace()
  const tree = join(home, 'tree')
  mkdirSync(join(tree, 'bin'), { recursive: true })
  writeFileSync(join(tree, 'bin/run'), 'x'.repeat(500))
  chmodSync(join(tree, 'bin/run'), 0o755)
  writeFileSync(join(tree, 'note'), 'note')
  symlinkSync('bin/run', join(tree, 'link'))
  execFileSync('zip', ['-qryX', '../honest.zip', 'bin', 'link', 'note'], { cwd: tree, stdio: 'pipe' })
  return readFileSync(join(home, 'honest.zip'))
}

function read(bytes: Buffer): Promise<unknown> {
  return readPackage({ format: 'zip', limits: DEFAULT_UNPACK_LIMITS, ...atRest(bytes) }, () => Promise.resolve())
}

const [LOCAL, CENTRAL, END] = [Buffer.from('PK\x03\x04'), Buffer.from('PK\x01\x02'), Buffer.from('PK\x05\x06')]

/** Changes bytes at a distance from a mark; `nth` counts marks from 0. */
function changed(mark: Buffer, nth: number, at: number, ...values: readonly number[]): (zip: Buffer) => Buffer {
  return (zip) => {
    let found = zip.indexOf(mark)
    for (let count = 0; count < nth; count += 1) found = zip.indexOf(mark, found + 1)
    const copy = Buffer.from(zip)
    copy.set(values, found + at)
    return copy
  }
}

// Entries by number: 0 bin/, 1 bin/run (deflated), 2 link, 3 note (stored).
test.each<[tries: string, spoil: (zip: Buffer) => Buffer, says: string]>([
  ['another name in its own header', changed(LOCAL, 3, 30, 0x4e), 'something else of itself'],
  ['another method in its own header', changed(LOCAL, 1, 8, 0), 'something else of itself'],
  ['another length in its own header', changed(LOCAL, 3, 22, 9), 'something else of itself'],
  ['other flags in its own header', changed(LOCAL, 1, 6, 2), 'something else of itself'],
  [
    'a length that is not that of its bytes',
    (zip) => changed(LOCAL, 1, 22, 9, 0)(changed(CENTRAL, 1, 24, 9, 0)(zip)),
    'not as long',
  ],
  ['a checksum that is not that of its bytes', (zip) => changed(LOCAL, 3, 14, 0)(changed(CENTRAL, 3, 16, 0)(zip)), 'checksum'],
  ['to lie where another lies', changed(CENTRAL, 3, 42, 0, 0), 'overlap'],
  ['to be encrypted', (zip) => changed(LOCAL, 3, 6, 1)(changed(CENTRAL, 3, 8, 1)(zip)), 'encrypted'],
  ['an unknown method', (zip) => changed(LOCAL, 1, 8, 12)(changed(CENTRAL, 1, 10, 12)(zip)), 'method 12'],
  ['a directory with a body', changed(CENTRAL, 3, 40, 0xed, 0x41), 'by its name or its attributes'],
  ['to be a device', changed(CENTRAL, 3, 40, 0xa4, 0x21), 'a character device'],
  ['a link that leads out', changed(LOCAL, 2, 34, ...Buffer.from('../../x')), 'checksum'],
  ['bytes before the first entry', (zip) => Buffer.concat([Buffer.from('#!/bin/sh\n'), zip]), 'does not lie where'],
  ['bytes after the end record', (zip) => Buffer.concat([zip, Buffer.from('x')]), 'goes on after'],
  ['a second archive behind the first', (zip) => Buffer.concat([zip, zip]), 'does not lie where'],
  ['an end record in the comment', (zip) => Buffer.concat([changed(END, 0, 20, 22)(zip), zip.subarray(-22)]), 'end record'],
  ['one entry more than there is', (zip) => changed(END, 0, 8, 5, 0, 5, 0)(zip), 'cannot be read'],
  ['one entry less than there is', (zip) => changed(END, 0, 8, 3, 0, 3, 0)(zip), 'not as long'],
  ['to be one part of several', (zip) => changed(END, 0, 4, 1)(zip), 'several parts'],
])('a zip that tries %s is refused', async (_, spoil, says) => {
  await expect(read(spoil(honestZip()))).rejects.toMatchObject({ message: expect.stringContaining(says) })
})

// Truth about the table above.
test('the same zip unspoiled is not refused', async () => {
  await expect(read(honestZip())).resolves.toMatchObject({ entries: 4, bytes: 504 })
})

test('a zip cut anywhere is refused', async () => {
  const zip = honestZip()
  for (let length = 0; length < zip.length; length += 7) {
    await expect(read(zip.subarray(0, length))).rejects.toMatchObject({ reason: 'archive-broken' })
  }
})
