import { expect, test } from 'vitest'
import { mountPointOf } from './mount-point.ts'

const MOUNTS = [
  '22 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
  '30 22 0:26 / /var/lib rw - tmpfs tmpfs rw',
  '31 30 254:0 /data /var/lib/bootagent/tmp rw - ext4 /dev/vda rw',
  '32 22 0:27 / /a\\040disk rw - tmpfs tmpfs rw',
  '',
].join('\n')

// The third shows the disk of the first: its device is the same, and a rename between them fails all the same.
test.each([
  ['/var/lib/bootagent', '/var/lib'],
  ['/var/lib/bootagent/tmp', '/var/lib/bootagent/tmp'],
  ['/var/lib/bootagent/tmp/x', '/var/lib/bootagent/tmp'],
  ['/var/library', '/'],
  ['/a disk/home', '/a disk'],
  ['/', '/'],
])('%s is in the mount at %s', (path, point) => {
  expect(mountPointOf(MOUNTS, path)).toBe(point)
})
