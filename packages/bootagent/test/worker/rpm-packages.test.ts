import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { readPackage } from '../../src/worker/read-package.ts'
import { DEFAULT_UNPACK_LIMITS } from '../../src/worker/unpack-limits.ts'
import { atRest } from './corpus/at-rest.ts'

const SPEC = `
Name: sample
Version: 1.2
Release: 3
Summary: s
License: l
%description
%install
mkdir -p %{buildroot}/opt
echo note >%{buildroot}/opt/note
%files
/opt/note
`

/** An rpm as rpmbuild makes it, built once; each case spoils one thing in it. */
let rpm: Buffer

beforeAll(() => {
  const home = mkdtempSync(join(tmpdir(), 'bootagent-rpm-'))
  writeFileSync(join(home, 'sample.spec'), SPEC)
  const macros = { _topdir: home, _rpmdir: home, _rpmfilename: 'sample.rpm', _binary_payload: 'w1.gzdio' }
  const defines = Object.entries(macros).flatMap(([name, value]) => ['--define', `${name} ${value}`])
  mkdirSync(join(home, 'BUILD'))
  execFileSync('rpmbuild', ['--quiet', '-bb', ...defines, join(home, 'sample.spec')], { stdio: 'pipe' })
  rpm = readFileSync(join(home, 'sample.rpm'))
  rmSync(home, { recursive: true })
})

function read(bytes: Buffer): Promise<unknown> {
  return readPackage({ format: 'rpm', limits: DEFAULT_UNPACK_LIMITS, ...atRest(bytes) }, () => Promise.resolve())
}

const MAGIC = Buffer.from('8eade801', 'hex')
/** Where the header of digests begins, the header proper, and the payload. */
const digestsAt = () => rpm.indexOf(MAGIC)
const headerAt = () => rpm.indexOf(MAGIC, digestsAt() + 4)
const headerDigestAt = () => rpm.toString('latin1').search(/[0-9a-f]{64}\0/)
const payloadAt = () => rpm.indexOf(Buffer.from('1f8b08', 'hex'), headerAt())

function changed(at: number, ...values: readonly number[]): Buffer {
  const copy = Buffer.from(rpm)
  copy.set(values, at)
  return copy
}

// A30: whoever changed the package left its own digests as they were, or changed only them.
test.each([
  ['its header', () => changed(payloadAt() - 40, 0x21), 'its header has the digest'],
  ['its payload', () => changed(rpm.length - 3, rpm.at(-3) ?? 0, 0xff, 0xff), 'its payload has the digest'],
  ['a byte in the payload that nobody unpacks', () => changed(payloadAt() + 4, 1), 'its payload has the digest'],
  ['the digest of its header', () => changed(headerDigestAt(), 0x30, 0x30, 0x30, 0x30, 0x30), 'its header has the digest'],
])('an rpm that was changed in %s is refused by its own digests', async (_, spoiled, says) => {
  await expect(read(spoiled())).rejects.toMatchObject({ message: expect.stringContaining(says) })
})

test.each([
  ['to be no rpm', () => changed(0, 0), 'no rpm'],
  ['to be a source package', () => changed(7, 1), 'source rpm'],
  ['more tags than there are', () => changed(headerAt() + 8, 0x00, 0x01, 0x00, 0x00), 'bytes are missing at its end'],
  ['a header larger than any', () => changed(headerAt() + 12, 0x7f, 0xff, 0xff, 0xff), 'more than is read'],
  ['a header of another kind', () => changed(headerAt(), 0), 'cannot be read'],
  ['a tag outside of its header', () => changed(headerAt() + 16 + 8, 0x7f), 'lies outside its header'],
  ['a tag twice', () => changed(headerAt() + 32, ...rpm.subarray(headerAt() + 16, headerAt() + 20)), 'comes twice'],
  ['to go on after its end', () => Buffer.concat([rpm, Buffer.from('x')]), 'bytes follow its first header, but'],
])('an rpm that tries %s is refused', async (_, spoiled, says) => {
  await expect(read(spoiled())).rejects.toMatchObject({ message: expect.stringContaining(says) })
})

// Truth about the tables above.
test('the same rpm unspoiled is not refused, and says what it is for', async () => {
  await expect(read(rpm)).resolves.toMatchObject({ entries: 1, bytes: 5, claims: { os: 'linux', scripts: [] } })
})

test('an rpm cut anywhere is refused', async () => {
  for (let length = 0; length < rpm.length; length += 97) {
    await expect(read(rpm.subarray(0, length))).rejects.toMatchObject({ reason: 'archive-broken' })
  }
})
