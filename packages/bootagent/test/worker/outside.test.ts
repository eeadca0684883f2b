import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { ATTACKS } from './corpus/attacks.ts'
import { OUTSIDE, pictureOfOutside, plantOutside, removeOutside, STAGING } from './corpus/outside.ts'

beforeEach(plantOutside)
afterAll(removeOutside)

const NOBODY = 65_534
const asRoot = process.getuid?.() === 0

/** Unpacks with a program that believes what archives say, as the user that workers are; the picture before that, and after. */
function unpackTrustingly(program: string, name: string): readonly (readonly string[])[] {
  const archive = join(OUTSIDE, 'archive.tar')
  const bytes = ATTACKS.find((attack) => attack.name === name)?.archives.tar?.()
  if (bytes === undefined) throw new Error(`there is no tar that tries to ${name}`)
  writeFileSync(archive, bytes, { mode: 0o644 })
  const cwd = join(STAGING, 'unpack')
  mkdirSync(cwd)
  chownSync(cwd, NOBODY, NOBODY)
  const before = surroundings()
  spawnSync(program, ['-xPf', archive], { cwd, uid: NOBODY, gid: NOBODY })
  return [before, surroundings()]
}

function surroundings(): readonly string[] {
  return pictureOfOutside().filter((line) => !line.startsWith(join(STAGING, 'unpack')))
}

// Truth about all tests that take such a picture: it is not only kept from changing by who may write there.
test.runIf(asRoot).each([
  ['tar', 'climb out with .. behind an honest file'],
  ['tar', 'name an absolute path'],
  ['tar', 'write through an absolute link'],
  ['bsdtar', 'overwrite a file by its absolute path'],
  ['bsdtar', 'write through an absolute link'],
])('%s as nobody lets an archive %s, and the picture of the surroundings shows it', (program, name) => {
  const [before, after] = unpackTrustingly(program, name)
  expect(after).not.toEqual(before)
})
