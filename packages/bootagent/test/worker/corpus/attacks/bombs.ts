import { randomBytes } from 'node:crypto'
import { deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { type Attack, broken, debAround, entries, kept, tarball, tooLarge } from '../attack.ts'
import { aFile } from '../entry.ts'
import { zipQuine } from '../quine.ts'
import { END, file, part, tar } from '../tar-blocks.ts'
import { rpm, rpmHeader } from '../cpio-rpm.ts'
import { zip } from '../zip-records.ts'
import { xz } from '../xz.ts'

/** A first header of an rpm that says nothing of what follows. */
const UNSIGNED = rpmHeader([[1007, [1]]])

/** More than the ratio may be judged by, and packed some 1,000 to 1. */
const ZEROS = Buffer.alloc(12_000_000)

const BOMBS: readonly Attack[] = [
  {
    case: 'B27',
    name: 'be a thousand times as large as it looks',
    made: '12 MB of zeros, packed to 12 KB',
    archives: {
      ...entries(aFile('zeros', ZEROS)),
      tar: () => tar(part({ name: 'zeros', body: ZEROS.subarray(0, 1), size: 12_000_000 })),
    },
    end: tooLarge('more than 200 times'),
  },
  {
    case: 'B27',
    name: 'hide a bomb behind the end of the archive',
    made: 'an honest tar, padded with 12 MB of zeros',
    archives: {
      'tar.gz': () => gzipSync(Buffer.concat([tar(file('x')), ZEROS])),
      'tar.xz': () => xz(Buffer.concat([tar(file('x')), ZEROS])),
      'tar.zst': () => zstdCompressSync(Buffer.concat([tar(file('x')), ZEROS])),
      deb: () => debAround(gzipSync(Buffer.concat([tar(file('x')), ZEROS]))),
    },
    end: tooLarge('more than 200 times'),
  },
  {
    case: 'B27',
    name: 'be larger than is taken, by less than the ratio',
    made: '3,000 bytes that cannot be packed, where 2,000 are allowed',
    archives: entries(aFile('noise', randomBytes(3000))),
    limits: { maxBytes: 2000 },
    end: tooLarge('more than 2000 bytes'),
  },
  {
    case: 'B27',
    name: 'be larger than is taken, in many small files',
    made: 'ten files of 300 bytes, where 2,000 bytes are allowed',
    archives: entries(...[...Array(10).keys()].map((n) => aFile(`${n}`, randomBytes(300)))),
    limits: { maxBytes: 2000 },
    end: tooLarge('more than 2000 bytes'),
  },
  {
    case: 'B27',
    name: 'claim to be larger than any disk',
    made: 'a file that says 8 TiB and has one byte',
    archives: tarball(() => tar(part({ name: 'x', body: 'x', size: '77777777777' }))),
    end: tooLarge('more than 4294967296 bytes'),
  },
  {
    case: 'B27',
    name: 'be two gzip streams, of which some read one',
    made: 'a gzip member with the files, a second one with the end',
    archives: {
      'tar.gz': () => Buffer.concat([gzipSync(file('x')), gzipSync(END)]),
      deb: () => debAround(Buffer.concat([gzipSync(file('x')), gzipSync(END)])),
    },
    end: broken('cannot be decompressed'),
  },
  {
    case: 'B27',
    name: 'be two archives in two gzip streams',
    made: 'a whole archive in each of two gzip members',
    archives: {
      'tar.gz': () => Buffer.concat([gzipSync(tar(file('x'))), gzipSync(tar(file('../planted')))]),
      deb: () => debAround(Buffer.concat([gzipSync(tar(file('x'))), gzipSync(tar(file('../planted')))])),
    },
    end: broken('cannot be decompressed'),
  },
  {
    case: 'B27',
    name: 'be two archives in two streams of xz',
    made: 'a whole archive in each of two xz streams',
    archives: { 'tar.xz': () => Buffer.concat([xz(tar(file('x'))), xz(tar(file('../planted')))]) },
    end: broken('goes on after its end', 'x'),
  },
  {
    case: 'B27',
    name: 'be two archives in two frames of zstd',
    made: 'a whole archive in each of two zstd frames',
    archives: {
      'tar.zst': () => Buffer.concat([zstdCompressSync(tar(file('x'))), zstdCompressSync(tar(file('../planted')))]),
    },
    end: broken('cannot be decompressed'),
  },
  {
    case: 'B27',
    name: 'carry something behind its stream',
    made: 'four letters behind the packed bytes',
    archives: {
      'tar.gz': () => Buffer.concat([gzipSync(tar(file('x'))), Buffer.from('more')]),
      'tar.xz': () => Buffer.concat([xz(tar(file('x'))), Buffer.from('more')]),
      'tar.zst': () => Buffer.concat([zstdCompressSync(tar(file('x'))), Buffer.from('more')]),
      deb: () => debAround(Buffer.concat([gzipSync(tar(file('x'))), Buffer.from('more')])),
    },
    end: broken('cannot be decompressed'),
  },
  {
    case: 'B27',
    name: 'carry something behind a payload that nothing vouches for',
    made: 'four letters behind the payload of an rpm without digests',
    archives: {
      rpm: () =>
        rpm([{ name: './x', body: 'x' }], { after: Buffer.from('more'), tags: { 5092: undefined }, signature: UNSIGNED }),
    },
    end: broken('cannot be decompressed'),
  },
  {
    case: 'B27',
    name: 'be one archive in two streams of xz, as xz allows',
    made: 'half a tar in each of two xz streams',
    archives: { 'tar.xz': () => Buffer.concat([xz(file('x')), xz(END)]) },
    end: kept('644 x'),
  },
  {
    case: 'B27',
    name: 'be a bomb in a bomb',
    made: '12 MB of zeros, packed twice: the inner stream is a file and is left as it is',
    archives: entries(aFile('inner.gz', gzipSync(gzipSync(ZEROS)))),
    end: kept('644 inner.gz'),
  },
  {
    case: 'B27',
    name: 'hold itself, and itself in that, for ever',
    made: 'a zip that unpacks to itself: it is unpacked once and not again',
    archives: { zip: () => zipQuine('self.zip') },
    end: kept('644 self.zip'),
  },
  {
    case: 'B27',
    name: 'be one bomb under many names',
    made: 'a zip whose directory names one packed file 50 times',
    archives: {
      zip: () => {
        const packed = deflateRawSync(ZEROS)
        const first = { name: '0', body: ZEROS, packed }
        const others = [...Array(50).keys()].map((n) => ({ name: `${n + 1}`, body: ZEROS, packed, at: 0, absent: true }))
        return zip([first, ...others])
      },
    },
    end: tooLarge('more than 200 times'),
  },
  {
    case: 'B27',
    name: 'be a thousand times as large as it says',
    made: 'a zip whose records say 100 bytes of a file that comes to 12 MB',
    archives: { zip: () => zip([{ name: 'x', body: ZEROS, size: 100 }]) },
    end: broken('not as long as the directory of the zip says', 'x'),
  },
]

const DAMAGE: readonly Attack[] = [
  {
    case: 'B24',
    name: 'be cut within its stream',
    made: 'the first 60 bytes of a gzip stream',
    archives: {
      'tar.gz': () => gzipSync(tar(file('x'))).subarray(0, 60),
      deb: () => debAround(gzipSync(tar(file('x'))).subarray(0, 60)),
    },
    end: broken('unexpected end of file'),
  },
  {
    case: 'B24',
    name: 'differ from the sum of its stream',
    made: 'the last byte but four of a gzip stream changed: its check',
    archives: {
      'tar.gz': () => changed(gzipSync(tar(file('x'))), -8),
      deb: () => debAround(changed(gzipSync(tar(file('x'))), -8)),
    },
    end: broken('cannot be decompressed'),
  },
  {
    case: 'B24',
    name: 'differ from the length of its stream',
    made: 'the last byte of a gzip stream changed: its length',
    archives: { 'tar.gz': () => changed(gzipSync(tar(file('x'))), -1) },
    end: broken('cannot be decompressed'),
  },
  {
    case: 'B24',
    name: 'be nothing, or not what it is called',
    made: 'no byte at all',
    archives: {
      'tar.gz': () => Buffer.alloc(0),
      'tar.xz': () => Buffer.alloc(0),
      'tar.zst': () => Buffer.alloc(0),
      zip: () => Buffer.alloc(0),
      deb: () => Buffer.alloc(0),
      rpm: () => Buffer.alloc(0),
    },
    end: broken(''),
  },
  {
    case: 'B24',
    name: 'be of another kind than its name',
    made: 'a tar without packing under every other name',
    archives: {
      'tar.gz': () => tar(file('x')),
      'tar.xz': () => tar(file('x')),
      'tar.zst': () => tar(file('x')),
      zip: () => tar(file('x')),
      deb: () => tar(file('x')),
      rpm: () => tar(file('x')),
    },
    end: broken(''),
  },
]

function changed(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  const index = at < 0 ? copy.length + at : at
  copy.writeUInt8((copy[index] ?? 0) ^ 0xff, index)
  return copy
}

/** Archives that come to more than they look like, and streams that are not whole. */
export const STREAMS: readonly Attack[] = [...BOMBS, ...DAMAGE]
