import { gzipSync } from 'node:zlib'
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { directory, file, hardlink, long, pax, symlink, targz } from './corpus/tar-blocks.ts'
import { makeWorkplace, readPackageOf, sha256 } from './workplace.ts'

// Truth about the hostile archives: what is right with all of them but the one thing is accepted.
test('an archive with every kind of entry, long names and pax headers is not refused', async () => {
  const parts = [
    directory('./'),
    pax({ comment: 'git' }, 'g'),
    pax({ path: 'd/é', mtime: '1.5', 'SCHILY.xattr.user.note': 'text' }),
    file('x'),
    long(`d/${'n'.repeat(150)}`),
    file('x'),
    long('d', 'K'),
    long('s'),
    symlink('x', 'x'),
    hardlink('d/copy', 'd/é'),
    directory('d/'),
  ]
  await expect(readPackageOf('inspect', targz(...parts))).resolves.toMatchObject({ entries: 6, bytes: 3 })
})

test.each([
  ['is no JSON', file('agent.json', '{'), 'agent.json is not JSON'],
  ['runs what lies outside', file('agent.json', '{"run":{"exec":"../sh"}}'), 'agent.json: run.exec'],
  ['is a link', symlink('agent.json', 'x'), 'no regular file'],
  ['fills the memory', file('agent.json', `{"name":"${'n'.repeat(20_000)}"}`), 'longer than 16384'],
])('a manifest that %s is refused by the first pass, and the daemon learns why', async (_, manifest, says) => {
  const message = expect.stringContaining(says)
  await expect(readPackageOf('inspect', targz(manifest))).rejects.toMatchObject({ reason: 'archive-broken', message })
})

// The second pass must not trust the first: the file may have been changed in between.
test.each([
  ['B8', targz(symlink('l', '/etc'), file('l/cron')), 'absolute'],
  ['B9', targz(file('a'), symlink('l', '../x')), 'leads out'],
  ['B24', gzipSync(Buffer.concat([file('a'), symlink('l', 'a')])), 'ends without'],
])('%s is refused by the second pass as well, and no link is ever made', async (_, bytes, says) => {
  const place = makeWorkplace()
  await expect(readPackageOf('unpack', bytes, { place })).rejects.toMatchObject({ message: expect.stringContaining(says) })
  expect(readdirSync(place.cwd)).not.toContain('l')
})

// A34: whoever can change the file between the passes must still match the digest.
test.each(['inspect', 'unpack'] as const)('%s refuses bytes that are not those of the digest, and names both', async (kind) => {
  const bytes = targz(file('x'))
  const message = expect.stringContaining(`${'0'.repeat(12)}…, but these are ${sha256(bytes).slice(0, 12)}…`)
  const reading = readPackageOf(kind, bytes, { digest: '0'.repeat(64) })
  await expect(reading).rejects.toMatchObject({ reason: 'checksum-mismatch', message })
})

// B14 (GNU tar, CVE-2025-45582): the first archive leaves a link, the second writes through it.
test('a directory that holds anything is not unpacked into', async () => {
  const place = makeWorkplace()
  await readPackageOf('unpack', targz(symlink('d', '.')), { place })
  const again = readPackageOf('unpack', targz(file('d/x')), { place })
  await expect(again).rejects.toMatchObject({ reason: 'internal', message: expect.stringContaining('not empty') })
  expect(readdirSync(place.cwd)).toEqual(['d'])
})
