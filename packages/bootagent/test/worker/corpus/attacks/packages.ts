import { gzipSync } from 'node:zlib'
import { type Archives, type Attack, broken, debAround, kept, tarball, tooLarge, unknown, unsafe } from '../attack.ts'
import { ar, DEB_CONTROL, DEB_VERSION, type Member } from '../ar-members.ts'
import { cpio, cpioPart, type CpioPart, lead, rpm, rpmHeader, rpmOf, type RpmParts, TRAILER } from '../cpio-rpm.ts'
import { file, hardlink, part, symlink, tar, targz } from '../tar-blocks.ts'

const DATA = ['data.tar.gz', targz(file('./x'))] as const
const deb = (...members: readonly Member[]): Archives => ({ deb: () => ar(DEB_VERSION, ...members) })

const DEBS: readonly Attack[] = [
  {
    case: 'B34',
    name: 'climb out of where its scripts are kept',
    made: 'a control archive with a file ../postinst',
    archives: deb(['control.tar.gz', targz(file('../postinst'))], DATA),
    end: unsafe('climbs out', '../postinst'),
  },
  {
    case: 'B34',
    name: 'lead out of where its scripts are kept',
    made: 'a control archive with a symbolic link to ../../victim',
    archives: deb(['control.tar.gz', targz(symlink('./postinst', '../../victim'))], DATA),
    end: unsafe('leads out of the package', 'postinst'),
  },
  {
    case: 'B34',
    name: 'have a device among its scripts',
    made: 'a control archive with a block device',
    archives: deb(['control.tar.gz', targz(part({ name: './sda', type: '4' }))], DATA),
    end: unsafe('is a block device', './sda'),
  },
  {
    case: 'B34',
    name: 'be installed by its own scripts',
    made: 'maintainer scripts: they are named and never run, nor kept',
    archives: deb(
      ['control.tar.gz', targz(file('./control'), part({ name: './postinst', mode: 0o755, body: '#!/bin/sh\n' }))],
      DATA,
    ),
    end: kept('644 x'),
  },
  {
    case: 'B34',
    name: 'give a file of the host a second name',
    made: 'a payload with a hard link to /etc/passwd, which means a place in the release where nothing is',
    archives: { deb: () => debAround(targz(hardlink('./l', '/etc/passwd'))) },
    end: unsafe('not an earlier file', './l'),
  },
  {
    case: 'B34',
    name: 'have two payloads',
    made: 'two members data.tar.gz',
    archives: deb(DEB_CONTROL, DATA, ['data.tar.gz', targz(file('./other'))]),
    end: broken('a member too many'),
  },
  {
    case: 'B34',
    name: 'have a payload for each packing',
    made: 'members data.tar.gz and data.tar.xz',
    archives: deb(DEB_CONTROL, DATA, ['data.tar.xz', 'xz']),
    end: broken('a member too many'),
  },
  {
    case: 'B34',
    name: 'have no payload',
    made: 'no member data.tar',
    archives: deb(DEB_CONTROL),
    end: broken('no data.tar'),
  },
  {
    case: 'B34',
    name: 'have its members in another order',
    made: 'the payload before the control archive',
    archives: deb(DATA, DEB_CONTROL),
    end: broken('where control.tar belongs'),
  },
  {
    case: 'B34',
    name: 'be something else to who does not look at the first member',
    made: 'the payload before debian-binary',
    archives: { deb: () => ar(DATA, DEB_VERSION, DEB_CONTROL) },
    end: broken('where debian-binary belongs'),
  },
  {
    case: 'B34',
    name: 'have a name longer than a name',
    made: 'a member #1/14, whose name lies in its bytes as BSD has it',
    archives: deb(['#1/14', 'control.tar.gz']),
    end: broken('header that cannot be read'),
  },
  {
    case: 'B34',
    name: 'have a name in a table',
    made: 'a member /0, whose name lies in a table as GNU has it',
    archives: deb(['//', 'control.tar.gz/\n'], ['/0', 'x']),
    end: broken('header that cannot be read'),
  },
  {
    case: 'B34',
    name: 'have a member that climbs out',
    made: 'a member ../planted',
    archives: deb(DEB_CONTROL, ['../planted', 'x']),
    end: broken('header that cannot be read'),
  },
  {
    case: 'B34',
    name: 'have a size with a sign',
    made: 'a member of -1 bytes',
    archives: { deb: () => overwritten(ar(DEB_VERSION, DEB_CONTROL, DATA), 8 + 48, '-1        ') },
    end: broken('header that cannot be read'),
  },
  {
    case: 'B34',
    name: 'have a size beyond the package',
    made: 'a last member of 9,999,999,999 bytes',
    archives: { deb: () => withLastSize(ar(DEB_VERSION, DEB_CONTROL, DATA), '9999999999') },
    end: broken('cut'),
  },
  {
    case: 'B34',
    name: 'have a header without its marks',
    made: 'other bytes where the header of a member ends',
    archives: { deb: () => overwritten(ar(DEB_VERSION, DEB_CONTROL, DATA), 8 + 58, 'xx') },
    end: broken('header that cannot be read'),
  },
  {
    case: 'B34',
    name: 'hide a byte between its members',
    made: 'an x where a member is padded',
    archives: { deb: () => padWithX(ar(DEB_VERSION, ['control.tar.gz', odd(targz(file('./control')))], DATA)) },
    end: broken('longer than it says'),
  },
  {
    case: 'B34',
    name: 'be packed in a way that is not read',
    made: 'a member data.tar.lzma',
    archives: deb(DEB_CONTROL, ['data.tar.lzma', 'x']),
    end: unknown('data.tar.lzma'),
  },
  {
    case: 'B34',
    name: 'be of a format that is to come',
    made: 'debian-binary says 3.0',
    archives: { deb: () => ar(['debian-binary', '3.0\n'], DEB_CONTROL, DATA) },
    end: unknown('another Debian format'),
  },
  {
    case: 'B34',
    name: 'be no ar archive',
    made: 'a packed tar',
    archives: { deb: () => targz(file('x')) },
    end: broken('no ar archive'),
  },
  {
    case: 'B34',
    name: 'be xz by name alone',
    made: 'a member data.tar.xz of letters',
    archives: deb(DEB_CONTROL, ['data.tar.xz', 'not packed']),
    end: broken('cannot be decompressed'),
  },
  {
    case: 'B34',
    name: 'be zstd by name alone',
    made: 'a member data.tar.zst of letters',
    archives: deb(DEB_CONTROL, ['data.tar.zst', 'not packed']),
    end: broken('cannot be decompressed'),
  },
  {
    case: 'B34',
    name: 'be cut within its last member',
    made: 'a deb without its last 20 bytes',
    archives: { deb: () => ar(DEB_VERSION, DEB_CONTROL, DATA).subarray(0, -20) },
    end: broken('cut'),
  },
]

const FILE: CpioPart = { name: './x', body: 'x' }
const rpmWith = (parts: RpmParts): Archives => ({ rpm: () => rpm([FILE], parts) })
const payload = (bytes: () => Buffer, parts: RpmParts = {}): Archives => ({
  rpm: () => rpmOf(gzipSync(bytes()), { files: [FILE], ...parts }),
})
const inCpio = (...parts: readonly CpioPart[]): Archives => payload(() => cpio(parts), { files: parts })

const RPMS: readonly Attack[] = [
  {
    case: 'B34',
    name: 'be installed by its own scriptlets',
    made: 'scriptlets before and after: they are named and never run',
    archives: rpmWith({ tags: { 1023: 'touch /planted', 1024: 'touch /planted', 1085: '/bin/sh', 1086: '/bin/sh' } }),
    end: kept('644 x'),
  },
  {
    case: 'B34',
    name: 'have scriptlets in a language of rpm',
    made: 'a scriptlet <lua>: named and never run',
    archives: rpmWith({ tags: { 1024: 'os.execute("touch /planted")', 1086: '<lua>' } }),
    end: kept('644 x'),
  },
  {
    case: 'B34',
    name: 'own a file it does not bring',
    made: 'a header that lists a ghost /etc/passwd, which the payload has not',
    archives: payload(() => cpio([FILE]), { files: [FILE, { name: './etc/passwd', body: '' }], tags: { 1037: [0, 64] } }),
    end: kept('644 x'),
  },
  {
    case: 'B34',
    name: 'claim an index that fills the memory',
    made: 'a header of 2^32-1 values',
    archives: rpmWith({ header: rpmHeader([], { entries: 0xffffffff }) }),
    end: broken('more than is read'),
  },
  {
    case: 'B34',
    name: 'claim values that fill the memory',
    made: 'a header with 2^31 bytes of values',
    archives: rpmWith({ header: rpmHeader([[1000, 'p']], { bytes: 2 ** 31 }) }),
    end: broken('more than is read'),
  },
  {
    case: 'B34',
    name: 'have a signature that swallows the package',
    made: 'a signature header that is longer than the package',
    archives: rpmWith({ signature: rpmHeader([[1000, [1]]], { bytes: 100_000 }) }),
    end: broken('cut'),
  },
  {
    case: 'B34',
    name: 'have a value outside its header',
    made: 'a header whose values are cut by one byte',
    archives: rpmWith({ header: rpmHeader([[1028, [1, 2, 3, 4]]], { bytes: 15 }) }),
    end: broken('outside its header'),
  },
  {
    case: 'B34',
    name: 'have a header of another kind',
    made: 'the letters xxxx where a header begins',
    archives: rpmWith({ header: Buffer.alloc(64, 'x') }),
    end: broken('cannot be read'),
  },
  {
    case: 'B34',
    name: 'have no lead',
    made: 'a package that begins with its signature',
    archives: rpmWith({ lead: Buffer.alloc(0) }),
    end: broken('is no rpm'),
  },
  {
    case: 'B34',
    name: 'have a lead of another kind',
    made: 'the letters xxxx where the lead begins',
    archives: rpmWith({ lead: lead({ magic: '78787878' }) }),
    end: broken('is no rpm'),
  },
  {
    case: 'B34',
    name: 'be the sources of a package',
    made: 'a lead that says so',
    archives: rpmWith({ lead: lead({ type: 1 }) }),
    end: unknown('source rpm'),
  },
  {
    case: 'B34',
    name: 'be packed in a way that is not read',
    made: 'a payload packed with lzip',
    archives: rpmWith({ tags: { 1125: 'lzip' } }),
    end: unknown('is packed with lzip'),
  },
  {
    case: 'B34',
    name: 'have a payload that is no cpio',
    made: 'a header that names another form',
    archives: rpmWith({ tags: { 1124: 'drpm' } }),
    end: unknown('is a drpm'),
  },
  {
    case: 'B34',
    name: 'have a tar as its payload',
    made: 'a tar where the cpio should be',
    archives: payload(() => tar(file('x'))),
    end: broken('cannot be read'),
  },
  {
    case: 'B34',
    name: 'have another payload than its header vouches for',
    made: 'a digest of other bytes in the header',
    archives: rpmWith({ tags: { 5092: ['0'.repeat(64)] } }),
    end: { refused: 'checksum-mismatch', says: 'its payload has the digest' },
  },
  {
    case: 'B34',
    name: 'have a header of the portable cpio of old',
    made: 'a cpio of form 070707',
    archives: payload(() => Buffer.concat([cpioPart({ ...FILE, magic: '070707' }), TRAILER])),
    end: broken('cannot be read'),
  },
  {
    case: 'B34',
    name: 'have a size with a sign',
    made: 'a cpio size of -0000001',
    archives: payload(() => Buffer.concat([cpioPart({ ...FILE, size: '-0000001' }), TRAILER])),
    end: broken('cannot be read'),
  },
  {
    case: 'B34',
    name: 'have a size beyond the payload',
    made: 'a cpio size of 2^32-1',
    archives: payload(() => Buffer.concat([cpioPart({ ...FILE, size: 0xffffffff }), TRAILER])),
    end: tooLarge('more than 200 times', './x'),
  },
  {
    case: 'B34',
    name: 'have a name that is not as long as it says',
    made: 'a name of 200 bytes, and 4 of them',
    archives: payload(() => Buffer.concat([cpioPart({ ...FILE, nameSize: 200 }), TRAILER])),
    end: broken('cut'),
  },
  {
    case: 'B34',
    name: 'have a name that does not end',
    made: 'a name without the NUL behind it',
    archives: payload(() => Buffer.concat([cpioPart({ name: './xy', body: 'x', nameSize: 4 }), TRAILER])),
    end: broken('does not end where it should'),
  },
  {
    case: 'B34',
    name: 'have no name',
    made: 'a name of 0 bytes',
    archives: payload(() => Buffer.concat([cpioPart({ ...FILE, nameSize: 0 }), TRAILER])),
    end: broken('a name of 0 bytes'),
  },
  {
    case: 'B34',
    name: 'have a name that fills the memory',
    made: 'a name of 2^31 bytes',
    archives: payload(() => Buffer.concat([cpioPart({ ...FILE, nameSize: 2 ** 31 }), TRAILER])),
    end: broken('a name of 2147483648 bytes'),
  },
  {
    case: 'B34',
    name: 'not end',
    made: 'a cpio without its last entry',
    archives: payload(() => cpioPart(FILE)),
    end: broken('ends without'),
  },
  {
    case: 'B34',
    name: 'go on after its end',
    made: 'a second cpio behind the first',
    archives: payload(() => Buffer.concat([cpio([FILE]), cpio([{ name: '../planted', body: 'x' }])])),
    end: broken('goes on after'),
  },
  {
    case: 'B34',
    name: 'have a second end to hide behind',
    made: 'an entry TRAILER!!! with a body, and an entry behind it',
    archives: payload(() =>
      Buffer.concat([
        cpioPart({ name: 'TRAILER!!!', mode: 0o100644, body: 'x' }),
        cpioPart({ name: '../planted', body: 'x' }),
        TRAILER,
      ]),
    ),
    end: broken('goes on after its end'),
  },
  {
    case: 'B34',
    name: 'lead out by a link in a cpio',
    made: 'a symbolic link ./d/l to ../../../victim',
    archives: inCpio({ name: './d/l', body: '../../../victim', mode: 0o120777 }),
    end: unsafe('leads out of the package', 'd/l'),
  },
  {
    case: 'B34',
    name: 'have a link whose target fills the memory',
    made: 'a symbolic link to 100,000 bytes',
    archives: inCpio({ name: './l', body: 't'.repeat(100_000), mode: 0o120777 }),
    end: broken('100000'),
  },
  {
    case: 'B34',
    name: 'be a directory with bytes in a cpio',
    made: 'a directory with a body',
    archives: inCpio({ name: './d', body: 'x', mode: 0o40755 }),
    end: broken('is no file and has a body', './d'),
  },
  {
    case: 'B34',
    name: 'be of a type nobody has defined in a cpio',
    made: 'mode 150644',
    archives: inCpio({ name: './x', body: 'x', mode: 0o150644 }),
    end: broken('is no file and has a body', './x'),
  },
  {
    case: 'B34',
    name: 'have two names with bytes for each',
    made: 'two names of one file, both with a body',
    archives: inCpio({ name: './a', body: 'one', inode: 9, links: 2 }, { name: './b', body: 'two', inode: 9, links: 2 }),
    end: broken('before the last of them', './a'),
  },
  {
    case: 'B34',
    name: 'have a name of a file and one outside',
    made: 'two names of one file, the second ../planted',
    archives: inCpio({ name: './a', body: '', inode: 9, links: 2 }, { name: '../planted', body: 'x', inode: 9, links: 2 }),
    end: unsafe('climbs out', '../planted'),
  },
  {
    case: 'B34',
    name: 'wait for names that never come',
    made: 'a file of 1,000 names, of which two are there, and no bytes',
    archives: inCpio({ name: './a', inode: 9, links: 1000 }, { name: './b', inode: 9, links: 1000 }),
    end: kept('644 a', '644 b'),
  },
  {
    case: 'B34',
    name: 'be padded with something',
    made: 'letters where a cpio is padded',
    archives: payload(() => overwritten(cpio([FILE]), 117, 'y')),
    end: broken('not padded with zeros', './x'),
  },
]

const READERS: readonly Attack[] = [
  {
    case: 'B35',
    name: 'be laid out as each reader likes',
    made: 'a header of ustar with a version nobody has defined',
    archives: tarball(() => tar(part({ magic: 'ustar\x0001' }))),
    end: broken('no tar'),
  },
  {
    case: 'B35',
    name: 'be of a kind of tar that only its maker reads',
    made: 'a header with the mark of star, whose prefix is shorter',
    archives: tarball(() => tar(part({ name: 'x', magic: 'tar\0\0\0\0\0' }))),
    end: broken('no tar'),
  },
  {
    case: 'B35',
    name: 'have a prefix in a kind of tar that has none',
    made: 'a header of old GNU tar whose other fields look like the prefix ../..',
    archives: tarball(() => tar(part({ name: 'x', magic: 'ustar  \0', prefix: '../..' }))),
    end: kept('644 x'),
  },
  {
    case: 'B35',
    name: 'climb out by its prefix',
    made: 'a header of ustar with the prefix ../..',
    archives: tarball(() => tar(part({ name: 'planted', prefix: '../..', body: 'x' }))),
    end: unsafe('climbs out', '../../planted'),
  },
  {
    case: 'B35',
    name: 'be a directory by its name alone',
    made: 'a file whose name ends in a slash, which is a directory to the oldest readers',
    archives: tarball(() => tar(part({ name: 'd/', type: '0', body: 'x' }))),
    end: broken('is no file and has a body', 'd/'),
  },
  {
    case: 'B35',
    name: 'be a directory by its name alone, and empty',
    made: 'an empty file whose name ends in a slash',
    archives: tarball(() => tar(part({ name: 'd/', type: '0' }))),
    end: kept('755 d/'),
  },
]

function overwritten(bytes: Buffer, at: number, text: string): Buffer {
  const copy = Buffer.from(bytes)
  copy.write(text, at, 'latin1')
  return copy
}

function withLastSize(deb: Buffer, size: string): Buffer {
  return overwritten(deb, deb.lastIndexOf('`\n') - 10, size)
}

/** Gzip takes a comment of any length, so that a member can be made odd. */
function odd(bytes: Buffer): Buffer {
  return bytes.length % 2 === 1 ? bytes : targz(file('./control'), part({ name: './more', body: 'y'.repeat(bytes.length) }))
}

function padWithX(deb: Buffer): Buffer {
  return overwritten(deb, deb.indexOf('\ndata.tar.gz'), 'x')
}

/** Debian packages, rpm packages, and tars of which each reader has its own opinion. */
export const PACKAGES: readonly Attack[] = [...DEBS, ...RPMS, ...READERS]
