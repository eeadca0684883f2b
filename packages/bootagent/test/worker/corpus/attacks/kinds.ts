import { type Attack, broken, entries, kept, tarball, unsafe } from '../attack.ts'
import { aDirectory, aFile, type Entry } from '../entry.ts'
import { directory, file, part, pax, tar } from '../tar-blocks.ts'

const special = (type: Entry['type']): Entry => ({ type, name: 'dev/special' })

const DEVICES: readonly Attack[] = [
  {
    case: 'B15',
    name: 'be a character device',
    made: 'a character device dev/special',
    archives: entries(special('character device')),
    end: unsafe('is a character device', 'dev/special'),
  },
  {
    case: 'B15',
    name: 'be the first disk of the host',
    made: 'a block device dev/special',
    archives: entries(special('block device')),
    end: unsafe('is a block device', 'dev/special'),
  },
  {
    case: 'B15',
    name: 'stop whoever opens it',
    made: 'a fifo dev/special',
    archives: entries(special('fifo')),
    end: unsafe('is a fifo', 'dev/special'),
  },
  {
    case: 'B15',
    name: 'be a socket',
    made: 'a socket dev/special',
    archives: entries(special('socket')),
    end: unsafe('is a socket', 'dev/special'),
  },
  {
    case: 'B15',
    name: 'be a device with numbers',
    made: 'a character device 1:3, which is /dev/null',
    archives: tarball(() => tar(part({ name: 'null', type: '3', device: [1, 3] }))),
    end: unsafe('is a character device', 'null'),
  },
  {
    case: 'B15',
    name: 'be of a type nobody has defined',
    made: 'an entry of type s',
    archives: tarball(() => tar(part({ name: 'x', type: 's' }))),
    end: unsafe('of an unknown type', 'x'),
  },
  {
    case: 'B15',
    name: 'be the other half of a file on another disk',
    made: 'an entry of type M',
    archives: tarball(() => tar(part({ name: 'x', type: 'M' }))),
    end: unsafe('is the second half of a file', 'x'),
  },
  {
    case: 'B15',
    name: 'list what a directory held when it was backed up',
    made: 'an entry of type D with a body',
    archives: tarball(() => tar(part({ name: 'd/', type: 'D', body: 'Yx\0\0' }))),
    end: unsafe('is a directory of an incremental backup', 'd/'),
  },
  {
    case: 'B15',
    name: 'be a label, which has no place on the disk',
    made: 'an entry of type V',
    archives: tarball(() => tar(part({ name: 'label', type: 'V' }))),
    end: unsafe('is', 'label'),
  },
  {
    case: 'B15',
    name: 'be a contiguous file, which some make and some refuse',
    made: 'an entry of type 7',
    archives: tarball(() => tar(part({ name: 'x', type: '7', body: 'x' }))),
    end: unsafe('is', 'x'),
  },
]

const RIGHTS: readonly Attack[] = [
  {
    case: 'B16',
    name: 'run as root whoever starts it',
    made: 'files of mode 4755, 2755 and 6755',
    archives: entries(
      { ...aFile('setgid'), rights: 0o2755 },
      { ...aFile('setuid'), rights: 0o4755 },
      { ...aFile('x'), rights: 0o6711 },
    ),
    end: kept('755 setgid', '755 setuid', '755 x'),
  },
  {
    case: 'B16',
    name: 'let everybody write',
    made: 'a directory of mode 1777 and a file of mode 666',
    archives: entries({ ...aDirectory('d/'), rights: 0o1777 }, { ...aFile('d/x'), rights: 0o666 }),
    end: kept('755 d/', '644 d/x'),
  },
  {
    case: 'B16',
    name: 'lock out whoever unpacks it',
    made: 'a directory of mode 0, and a file in it of mode 0',
    archives: entries({ ...aDirectory('d/'), rights: 0 }, { ...aFile('d/x'), rights: 0 }),
    end: kept('755 d/', '644 d/x'),
  },
  {
    case: 'B17',
    name: "give files to root, and to the host's first user",
    made: 'owners 0 and 1000',
    archives: entries({ ...aFile('a'), uid: 0, gid: 0 }, { ...aFile('b'), uid: 1000, gid: 1000 }),
    end: kept('644 a', '644 b'),
  },
  {
    case: 'B17',
    name: 'have an owner below zero',
    made: 'owner and group -1 and -2^31 in base 256',
    archives: tarball(() =>
      tar(
        part({ name: 'a', uid: Buffer.alloc(8, 0xff), gid: Buffer.alloc(8, 0xff), body: 'x' }),
        part({ name: 'b', uid: Buffer.from('ffffffff80000000', 'hex'), body: 'x' }),
      ),
    ),
    end: kept('644 a', '644 b'),
  },
  {
    case: 'B17',
    name: 'have an owner beyond those of the system',
    made: 'owner 2^40 in base 256, group 2^32 in a pax header',
    archives: tarball(() =>
      tar(pax({ gid: '4294967296' }), part({ name: 'a', uid: Buffer.from('8000010000000000', 'hex'), body: 'x' })),
    ),
    end: kept('644 a'),
  },
  {
    case: 'B17',
    name: 'have an owner beyond all numbers',
    made: 'an owner whose first byte is neither of a number above zero nor of one below',
    archives: tarball(() => tar(part({ name: 'a', uid: Buffer.from('c000000000000000', 'hex'), body: 'x' }))),
    end: broken('cannot be read'),
  },
  {
    case: 'B17',
    name: 'name an owner by what is no number',
    made: 'uid=-1 and uname=root in a pax header',
    archives: tarball(() => tar(pax({ uid: '-1', uname: 'root', gname: 'shadow' }), file('a'))),
    end: kept('644 a'),
  },
  {
    case: 'B17',
    name: 'have the greatest owner a cpio can name',
    made: 'owner and group 2^32-1',
    archives: { rpm: entries({ ...aFile('a'), uid: 0xffffffff, gid: 0xffffffff }).rpm as () => Buffer },
    end: kept('644 a'),
  },
  {
    case: 'B18',
    name: 'give a program the rights of root by a capability',
    made: 'SCHILY.xattr.security.capability in a pax header, as bytes',
    archives: tarball(() =>
      tar(pax({ 'SCHILY.xattr.security.capability': Buffer.from('0100000200040000000000000000000000000000', 'hex') }), file('x')),
    ),
    end: unsafe('NUL'),
  },
  {
    case: 'B18',
    name: 'open a file by an access list',
    made: 'SCHILY.acl.access and SCHILY.acl.default in pax headers',
    archives: tarball(() =>
      tar(
        pax({ 'SCHILY.acl.default': 'user::rwx,user:1000:rwx,group::rwx,mask::rwx,other::rwx' }),
        directory('d/'),
        pax({ 'SCHILY.acl.access': 'user::rw-,user:1000:rwx,group::rw-,mask::rwx,other::rw-' }),
        file('d/x'),
      ),
    ),
    end: kept('755 d/', '644 d/x'),
  },
  {
    case: 'B18',
    name: 'set attributes for who reads them',
    made: 'attributes of users, of SELinux and of libarchive in pax headers',
    archives: tarball(() =>
      tar(
        pax({
          'SCHILY.xattr.user.note': 'text',
          'RHT.security.selinux': 'system_u:object_r:shadow_t:s0',
          'LIBARCHIVE.xattr.user.note': 'dGV4dA',
        }),
        file('x'),
      ),
    ),
    end: kept('644 x'),
  },
  {
    case: 'B18',
    name: 'make a file that cannot be deleted',
    made: 'SCHILY.fflags=uappnd,uchg in a pax header',
    archives: tarball(() => tar(pax({ 'SCHILY.fflags': 'uappnd,uchg,schg' }), file('x'))),
    end: kept('644 x'),
  },
]

/** What is neither file, directory nor link; and rights, owners and attributes, none of which is ever applied. */
export const KINDS: readonly Attack[] = [...DEVICES, ...RIGHTS]
