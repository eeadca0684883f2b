import { readdirSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { Reason } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { readPackage } from '../../src/worker/read-package.ts'
import { DEFAULT_UNPACK_LIMITS } from '../../src/worker/unpack-limits.ts'
import {
  ar,
  atRest,
  DEB_CONTROL,
  DEB_VERSION,
  deb,
  directory,
  END,
  file,
  hardlink,
  long,
  type Member,
  part,
  pax,
  symlink,
  tar,
  targz,
} from './archives.ts'
import { makeWorkplace, type ReadingOptions, readPackageOf, sha256 } from './workplace.ts'

// B1 to B36 are the archives in the project's list of cases, A31 and A34 belong to its list of attacks on updates.

/** One archive that must be refused. */
interface Case {
  readonly tries: string
  readonly bytes: Buffer
  /** What the message must hold. */
  readonly says: string
  readonly reason: Reason
  readonly options: ReadingOptions | undefined
}

function rowOf(reason: Reason) {
  return (tries: string, bytes: Buffer, says: string, options?: ReadingOptions): Case => ({ tries, bytes, says, reason, options })
}

const unsafe = rowOf('archive-unsafe')
const broken = rowOf('archive-broken')
const tooLarge = rowOf('archive-too-large')
const unknown = rowOf('archive-unknown')

const NAMES = [
  unsafe('B1: to climb out', targz(file('../x')), '"../x" climbs out'),
  unsafe('B2: to be absolute', targz(file('/etc/cron.d/x')), '"/etc/cron.d/x" is absolute'),
  unsafe('B3: to climb out from within', targz(file('a/../../x')), 'climbs out'),
  unsafe('B3: to have a . within', targz(file('a/./b')), "a '.' in its path"),
  unsafe('B3: to have an empty part', targz(file('a//b')), 'an empty part'),
  unsafe('B4: to have a backslash', targz(file('..\\x')), 'backslash'),
  unsafe('B4: to have a drive letter', targz(file('C:x')), 'drive letter'),
  unsafe('B5: to end at a NUL for some readers', targz(file('good\0/../../evil')), 'NUL'),
  unsafe('B5: to have a NUL in a pax path', targz(pax({ path: 'good\0evil' }), file('x')), 'NUL'),
  unsafe('B5: to have a NUL in a GNU long name', targz(long('good\0evil'), file('x')), 'NUL'),
  unsafe('B6: to have a newline', targz(file('a\nb')), '"a\\nb" has a control character'),
  unsafe('B6: to have an ANSI sequence', targz(file('\u001b[2Jx')), '"\\u001b[2Jx" has a control character'),
  unsafe('B7: not to be UTF-8', targz(file(Buffer.from([0x61, 0xff, 0xfe]))), 'not UTF-8'),
  unsafe('B7: to be ../x in overlong UTF-8', targz(file(Buffer.from([0xc0, 0xae, 0xc0, 0xae, 0x2f, 0x78]))), 'not UTF-8'),
  broken('B7: to be in another character set', targz(pax({ hdrcharset: 'BINARY' }), file('x')), 'character set'),
  unsafe('B19: to come twice', targz(file('x'), file('x')), '"x" comes a second time'),
  unsafe('B19: to make a file of a directory', targz(directory('x/'), file('x')), 'a second time'),
  unsafe('B19: to make a file of a parent', targz(file('x/y'), file('x')), 'used as a directory before'),
  unsafe('B19: to make a parent of a file', targz(file('x'), file('x/y')), 'lies under a file'),
  unsafe('B20: to differ in case', targz(file('a/Readme'), file('A/readme2')), 'only in case'),
  unsafe('B20: to differ in composition', targz(file('\u00e9'), file('e\u0301')), 'how its characters are composed'),
  unsafe('B20: to differ in a ligature', targz(file('ﬁle'), file('file')), 'only in case'),
  unsafe('B20: to differ in ß and ss', targz(file('straße'), file('strasse')), 'only in case'),
  unsafe('B20: to climb out once normalized', targz(file('\u2025/x')), 'once normalized'),
  unsafe('B28: to have a part of 256 bytes', targz(long('n'.repeat(256)), file('x')), 'longer than 255 bytes'),
  unsafe('B28: to have 1,030 bytes', targz(long(`${'n'.repeat(205)}/`.repeat(5)), directory('x')), 'longer than 1024 bytes'),
  unsafe('B28: to lie 33 deep', targz(file(`${'d/'.repeat(32)}x`)), 'deeper than 32'),
  tooLarge('B28: to be one of too many', targz(file('a'), file('b')), 'more than 1 entries', { limits: { maxEntries: 1 } }),
  tooLarge('B28: to be too long together', targz(file('abc'), file('abd')), 'names', { limits: { maxNameBytes: 5 } }),
]

const LINKS = [
  unsafe(
    'B8: to write through an absolute link',
    targz(symlink('l', '/etc'), file('l/cron')),
    '"l" is a symbolic link to an absolute',
  ),
  unsafe('B8: to write through any link', targz(directory('d'), symlink('l', 'd'), file('l/x')), 'lies under a symbolic link'),
  unsafe('B9: to climb out', targz(directory('d'), symlink('d/l', '../../x')), '"d/l" is a symbolic link that leads out'),
  unsafe('B9: to climb out in a chain', targz(symlink('a/b/c', '../..'), symlink('l', 'a/b/c/../x')), 'leads out'),
  unsafe('B10: to show what is outside', targz(symlink('l', '../../../../etc/shadow')), 'leads out'),
  unsafe('B11: to climb out by a later link', targz(symlink('l', 'm/../secret'), symlink('m', '.')), 'leads out'),
  unsafe('B11: to go in a circle', targz(symlink('a', 'b'), symlink('b', 'a')), 'leads in a circle'),
  unsafe('B12: to be hard and absolute', targz(hardlink('l', '/etc/passwd')), 'not an earlier file'),
  unsafe('B12: to be hard and climb out', targz(hardlink('l', '../../etc/passwd')), 'not an earlier file'),
  unsafe('B12: to be hard to what comes later', targz(hardlink('l', 'x'), file('x')), 'not an earlier file'),
  unsafe('B13: to be hard to a symbolic one', targz(file('x'), symlink('s', 'x'), hardlink('l', 's')), 'not an earlier file'),
  unsafe(
    'B13: to be hard through a symbolic one',
    targz(file('d/x'), symlink('s', 'd'), hardlink('l', 's/x')),
    'not an earlier file',
  ),
  unsafe('B6: to have an ANSI sequence as target', targz(symlink('l', '\u001b[2J')), "link's target"),
  tooLarge('B28: to multiply a file', targz(file('x', 'x'.repeat(600)), hardlink('y', 'x')), 'more than 1000', {
    limits: { maxBytes: 1000 },
  }),
]

const CAPABILITY = { 'SCHILY.xattr.security.capability': Buffer.from([1, 0, 0, 2]) }

const TYPES = [
  unsafe('B15: a character device', targz(part({ type: '3' })), 'is a character device'),
  unsafe('B15: a block device', targz(part({ type: '4' })), 'is a block device'),
  unsafe('B15: a fifo', targz(part({ type: '6' })), 'is a fifo'),
  unsafe('B15: an entry of an unknown type', targz(part({ type: 's' })), 'of an unknown type'),
  unsafe('B18: attributes that are no text', targz(pax(CAPABILITY), file('x')), 'NUL'),
  unsafe('B26: a sparse file of old GNU', targz(part({ type: 'S', magic: 'ustar  \0' })), 'sparse'),
  unsafe('B26: a sparse file of pax 0.0', targz(pax({ 'GNU.sparse.size': '9' }), file('x')), 'sparse'),
  unsafe('B26: a sparse file of pax 1.0', targz(pax({ 'GNU.sparse.major': '1' }), file('x')), 'sparse'),
]

/** 2^64 and -1 in base 256. */
const HUGE = Buffer.concat([Buffer.from([0x80, 0, 0, 1]), Buffer.alloc(8)])
const NEGATIVE = Buffer.alloc(12, 0xff)

const HEADERS = [
  broken('B21: a pax size on a directory', targz(pax({ size: '512' }), directory('d')), 'no file has a body'),
  broken('B21: a directory with a body', targz(part({ name: 'd', type: '5', body: 'x' })), 'no file has a body'),
  broken('B21: a symbolic link with a body', targz(part({ type: '2', link: 'x', body: 'x' })), 'no file has a body'),
  broken('B21: a pax link target on a file', targz(pax({ linkpath: '/etc' }), file('x')), 'no link has a target'),
  unsafe(
    'B21: a pax size that brings a body to light',
    targz(pax({ size: '0' }), file('x', file('../evil').toString())),
    '../evil',
  ),
  broken('B21: a pax size that is no number', targz(pax({ size: '-1' }), file('x')), 'not a number'),
  unsafe('B21: a global header that renames', targz(pax({ path: 'y' }, 'g'), file('x')), 'sets path for every entry'),
  unsafe('B21: a global header that resizes', targz(pax({ size: '0' }, 'g'), file('x')), 'sets size for every entry'),
  broken('B21: a global header in between', targz(long('y'), pax({ comment: '' }, 'g'), file('x')), 'between'),
  broken('B21: a pax header on a GNU long name', targz(pax({ size: '3' }), long('y'), file('x')), 'follow one another'),
  broken('B21: two pax headers for one entry', targz(pax({ path: 'a' }), pax({ path: 'b' }), file('x')), 'follow one another'),
  broken('B21: a pax header at the end', targz(pax({ path: 'a' })), 'no entry after it'),
  broken('B21: a pax record of a false length', targz(part({ type: 'x', body: '99 path=x\n' }), file('x')), 'not one line'),
  broken('B21: a pax record without its end', targz(part({ type: 'x', body: '9 path=xy' }), file('x')), 'not one line'),
  broken('B21: a pax record inside another', targz(pax({ comment: 'x\n12 path=../y' }), file('x')), 'not one line'),
  broken('B22: a GNU long name of 70,000 bytes', targz(long('n'.repeat(70_000)), file('x')), 'longer than 65536'),
  broken('B22: nested GNU long names', targz(long('a'), long('b'), file('x')), 'follow one another'),
  broken('B23: a negative size', targz(part({ size: NEGATIVE })), 'a size that cannot be'),
  broken('B23: a size beyond all disks', targz(part({ size: HUGE })), 'a size that cannot be'),
  broken('B23: a size that ends in letters', targz(part({ size: '0000000012z', body: '0123456789' })), 'a size that cannot be'),
  broken('B23: a size beyond the archive', targz(part({ size: 5000, body: 'x' })), 'cut'),
  broken('B24: a wrong header checksum', targz(part({ checksum: '000001\0 ' })), 'checksum'),
  broken('B24: no end', gzipSync(file('x')), 'ends without'),
  broken('B24: half an end', gzipSync(Buffer.concat([file('x'), Buffer.alloc(512)])), 'one of the two blocks'),
  broken('B25: data after the end', gzipSync(Buffer.concat([tar(file('x')), Buffer.from('more')])), 'goes on after'),
  broken('B25: a second archive after the end', gzipSync(Buffer.concat([tar(file('x')), tar(file('y'))])), 'goes on after'),
  broken(
    'B25: an entry within the end',
    gzipSync(Buffer.concat([file('x'), END.subarray(512), file('y'), END])),
    'goes on after',
  ),
  broken('B35: a header that readers read differently', targz(part({ magic: 'ustar\x0001' })), 'no tar'),
]

test.each(NAMES)('names that try $tries are refused', expectRefused)
test.each(LINKS)('links that try $tries are refused', expectRefused)
test.each(TYPES)('$tries is refused', expectRefused)
test.each(HEADERS)('$tries is refused', expectRefused)

async function expectRefused({ bytes, says, reason, options }: Case): Promise<void> {
  const limits = { ...DEFAULT_UNPACK_LIMITS, ...options?.limits }
  const source = { format: options?.format ?? 'tar.gz', limits, ...atRest(bytes) } as const
  await expect(readPackage(source, () => Promise.resolve())).rejects.toMatchObject({
    reason,
    message: expect.stringContaining(says),
  })
}

// Truth about the table above: what is right with all of its archives but the one thing is accepted.
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

const ZEROS = Buffer.alloc(12_000_000)

const STREAMS = [
  broken('B24: a cut gzip stream', targz(file('x')).subarray(0, 60), 'unexpected end of file'),
  broken('B24: an empty package', Buffer.alloc(0), 'archive'),
  tooLarge('B27: a gzip bomb', targz(file('x', ZEROS.toString('latin1'))), 'more than 200 times'),
  tooLarge('B27: a gzip bomb in the padding', gzipSync(Buffer.concat([tar(file('x')), ZEROS])), 'more than 200 times'),
  tooLarge('B27: a claim above the limit', targz(part({ size: 2000 })), 'more than 1000 bytes', { limits: { maxBytes: 1000 } }),
  broken('B27: two gzip members', Buffer.concat([gzipSync(file('x')), gzipSync(END)]), 'Trailing junk'),
  broken('B27: bytes behind the gzip stream', Buffer.concat([targz(file('x')), Buffer.from('more')]), 'Trailing junk'),
  broken('a tar named as a packed one', tar(file('x')), 'cannot be decompressed'),
  broken('an agent.json that is no JSON', targz(file('agent.json', '{')), 'agent.json is not JSON'),
  broken(
    'an agent.json that runs what is outside',
    targz(file('agent.json', '{"run":{"exec":"../sh"}}')),
    'agent.json: run.exec',
  ),
  broken('an agent.json that is a link', targz(symlink('agent.json', 'x')), 'no regular file'),
]

const DATA = ['data.tar.gz', targz()] as const
const debOf = (...members: readonly Member[]): Buffer => ar(DEB_VERSION, ...members)
const DEB: ReadingOptions = { format: 'deb' }

/** The two marks at the end of the first member's header, overwritten. */
const UNMARKED = debOf(DEB_CONTROL, DATA).fill('x', 8 + 58, 8 + 60)

const DEBS = [
  unsafe(
    'B34: a control archive that climbs out',
    debOf(['control.tar.gz', targz(file('../postinst'))], DATA),
    '../postinst',
    DEB,
  ),
  broken('B34: two payloads', debOf(DEB_CONTROL, DATA, DATA), 'a member too many', DEB),
  broken('B34: no payload', debOf(DEB_CONTROL), 'no data.tar', DEB),
  broken('B34: members out of order', debOf(DATA, DEB_CONTROL), 'where control.tar belongs', DEB),
  broken('B34: a member name of BSD', debOf(['#1/14', 'control.tar.gz']), 'header that cannot be read', DEB),
  broken('B34: a member name of the GNU table', debOf(['/0', 'control.tar.gz']), 'header that cannot be read', DEB),
  broken('B34: a member header without its marks', UNMARKED, 'header that cannot be read', DEB),
  broken('B34: a cut member', debOf(DEB_CONTROL, ['data.tar.gz', targz(file('x'))]).subarray(0, -20), 'cut', DEB),
  unknown('B34: a payload packed in another way', debOf(DEB_CONTROL, ['data.tar.lzma', 'x']), 'data.tar.lzma', DEB),
  unknown('B34: another Debian format', ar(['debian-binary', '3.0\n'], DEB_CONTROL), 'another Debian format', DEB),
  broken('B34: no ar archive', targz(file('x')), 'no ar archive', DEB),
  broken('B34: xz that is no xz', debOf(DEB_CONTROL, ['data.tar.xz', 'not packed']), 'File format not recognized', DEB),
  broken('B34: zstd that is no zstd', debOf(DEB_CONTROL, ['data.tar.zst', 'not packed']), 'cannot be decompressed', DEB),
  unsafe('B1 in a deb', deb(file('./../x')), 'climbs out', DEB),
  unsafe('B9 in a deb: a re-rooted link that climbs out', deb(symlink('./usr/l', '/../../x')), 'leads out', DEB),
  unsafe('B12 in a deb: a hard link to the host', deb(hardlink('./l', '/etc/passwd')), 'not an earlier file', DEB),
  unsafe('B15 in a deb: a block device', deb(part({ name: './dev/sda', type: '4' })), 'block device', DEB),
]

test.each([...STREAMS, ...DEBS])(
  '$tries is refused by a worker, and the daemon learns why',
  async ({ bytes, says, reason, options }) => {
    await expect(readPackageOf('inspect', bytes, options)).rejects.toMatchObject({
      reason,
      message: expect.stringContaining(says),
    })
  },
)

// The second pass must not trust the first: the file may have been changed in between.
test.each([
  unsafe('B8', targz(symlink('l', '/etc'), file('l/cron')), 'absolute'),
  unsafe('B9', targz(file('a'), symlink('l', '../x')), 'leads out'),
  broken('B24', gzipSync(Buffer.concat([file('a'), symlink('l', 'a')])), 'ends without'),
])('$tries is refused by the second pass as well, and no link is ever made', async ({ bytes, says, reason }) => {
  const place = makeWorkplace()
  const message = expect.stringContaining(says)
  await expect(readPackageOf('unpack', bytes, { place })).rejects.toMatchObject({ reason, message })
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
  await readPackageOf('unpack', targz(file('first')), { place })
  const again = readPackageOf('unpack', targz(file('second')), { place })
  await expect(again).rejects.toMatchObject({ reason: 'internal', message: expect.stringContaining('not empty') })
})
