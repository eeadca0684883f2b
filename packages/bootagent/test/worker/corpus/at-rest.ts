import { Readable } from 'node:stream'
import type { PackageSource } from '../../../src/worker/read-package.ts'

/** An archive in memory as a reader of packages is given one. */
export function atRest(packed: Buffer): Pick<PackageSource, 'bytes' | 'packed' | 'readAt'> {
  return {
    bytes: Readable.from([packed]),
    packed: packed.length,
    readAt: (position, length) => Promise.resolve(packed.subarray(position, position + length)),
  }
}
