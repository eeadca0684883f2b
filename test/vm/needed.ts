import type { Needed } from '../../scripts/tests/debian-packages.ts'

/** What these tests take of Debian, besides what the guest itself is made of. */
export const NEEDED_FOR_MACHINES: readonly Needed[] = [
  { package: 'qemu-system-x86', program: 'qemu-system-x86_64', why: 'is the machine' },
  { package: 'qemu-utils', program: 'qemu-img', why: 'makes the layers of its disk' },
  { package: 'mmdebstrap', program: 'mmdebstrap', why: 'makes the Debian that runs in it' },
  { package: 'e2fsprogs', program: 'mke2fs', why: 'makes disks of directories' },
  { package: 'libarchive-tools', program: 'bsdtar', why: 'packs what the kernel starts from' },
  { package: 'util-linux', program: 'setpriv', why: 'ends the machine with the test' },
  { package: 'dpkg', program: 'dpkg-deb', why: 'makes the .deb' },
  { package: 'rpm', program: 'rpmbuild', why: 'makes the .rpm' },
]
