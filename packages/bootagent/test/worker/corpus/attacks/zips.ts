import { crc32, deflateRawSync } from 'node:zlib'
import { type Archives, type Attack, broken, kept, tooLarge, unknown, unsafe } from '../attack.ts'
import { descriptor, extra, zip, zipEnd, type ZipFrame, type ZipPart } from '../zip-records.ts'

const X: ZipPart = { name: 'x', body: 'x' }
const one = (part: Partial<ZipPart>, frame?: ZipFrame): Archives => ({ zip: () => zip([{ ...X, ...part }], frame) })
const framed = (frame: ZipFrame): Archives => ({ zip: () => zip([X], frame) })

const CONTRADICTIONS: readonly Attack[] = [
  {
    case: 'B29',
    name: 'have two names, one in the directory and one before its bytes',
    made: 'x in the directory, ../planted in the record',
    archives: one({ local: { name: '../planted' } }),
    end: broken('says something else of itself than the directory', 'x'),
  },
  {
    case: 'B29',
    name: 'have two names of one length',
    made: 'good in the directory, evil in the record',
    archives: one({ name: 'good', local: { name: 'evil' } }),
    end: broken('says something else of itself than the directory', 'good'),
  },
  {
    case: 'B29',
    name: 'have two sizes',
    made: 'one byte in the directory, five in the record',
    archives: one({ local: { size: 5 } }),
    end: broken('says something else of itself than the directory', 'x'),
  },
  {
    case: 'B29',
    name: 'have two packed sizes',
    made: 'a packed size in the record that reaches into the directory',
    archives: one({ local: { packedSize: 60 } }),
    end: broken('says something else of itself than the directory', 'x'),
  },
  {
    case: 'B29',
    name: 'be packed in two ways',
    made: 'deflated in the directory, stored in the record',
    archives: one({ local: { method: 0 } }),
    end: broken('says something else of itself than the directory', 'x'),
  },
  {
    case: 'B29',
    name: 'have two checksums',
    made: 'the right checksum in the directory, another in the record',
    archives: one({ local: { crc: 1 } }),
    end: broken('says something else of itself than the directory', 'x'),
  },
  {
    case: 'B29',
    name: 'have a checksum of other bytes',
    made: 'the same wrong checksum in both',
    archives: one({ crc: 1 }),
    end: broken('not as long as the directory of the zip says, or not of its checksum', 'x'),
  },
  {
    case: 'B29',
    name: 'be one name for the directory and another for who reads from the front',
    made: 'a second record in front, which the directory does not name',
    archives: { zip: () => zip([X], { before: zip([{ name: '../planted', body: 'x' }]).subarray(0, 44) }) },
    end: broken('overlap, or leave bytes between them'),
  },
  {
    case: 'B29',
    name: 'hide bytes between two files',
    made: 'a record between two files that the directory does not name',
    archives: {
      zip: () =>
        zip([
          { ...X, behind: Buffer.alloc(100, 'hidden') },
          { name: 'y', body: 'y' },
        ]),
    },
    end: broken('overlap, or leave bytes between them', 'x'),
  },
  {
    case: 'B29',
    name: 'hide bytes between the last file and the directory',
    made: '100 bytes there',
    archives: framed({ between: Buffer.alloc(100, 'hidden') }),
    end: broken('overlap, or leave bytes between them', 'x'),
  },
  {
    case: 'B29',
    name: 'be a program with a zip behind it',
    made: '1,000 bytes in front, positions counted from the first of them',
    archives: framed({ before: Buffer.alloc(1000, '#!/bin/sh\n') }),
    end: broken('overlap, or leave bytes between them'),
  },
  {
    case: 'B29',
    name: 'go on after its end',
    made: 'four bytes behind the record at the end',
    archives: framed({ after: Buffer.from('more') }),
    end: broken('goes on after its end record'),
  },
  {
    case: 'B29',
    name: 'lie over one another, so that one byte is two files',
    made: 'two files whose records begin at one place',
    archives: { zip: () => zip([X, { ...X, name: 'y', at: 0, absent: true }]) },
    end: broken('overlap, or leave bytes between them', 'x'),
  },
  {
    case: 'B29',
    name: 'lie within one another',
    made: 'a stored file whose bytes are the record of another, which the directory names too',
    archives: {
      zip: () => {
        const inner = zip([{ name: 'y', body: 'y', method: 0 }])
        return zip([
          { name: 'x', body: inner.subarray(0, 32), method: 0 },
          { name: 'y', body: 'y', method: 0, at: 31, absent: true },
        ])
      },
    },
    end: broken('overlap, or leave bytes between them', 'x'),
  },
  {
    case: 'B29',
    name: 'be in another order than its directory',
    made: 'two files, the second named first',
    archives: {
      zip: () => {
        const whole = zip([X, { name: 'y', body: 'y' }])
        const [first, second] = [whole.indexOf('PK\u0001\u0002'), whole.lastIndexOf('PK\u0001\u0002')]
        const end = whole.lastIndexOf('PK\u0005\u0006')
        const parts = [
          [0, first],
          [second, end],
          [first, second],
          [end, whole.length],
        ] as const
        return Buffer.concat(parts.map(([from, to]) => whole.subarray(from, to)))
      },
    },
    end: kept('644 x', '644 y'),
  },
  {
    case: 'B29',
    name: 'have a file where there is none',
    made: 'a directory whose only file begins behind the end',
    archives: one({ at: 100_000 }),
    end: broken('overlap, or leave bytes between them'),
  },
  {
    case: 'B29',
    name: 'begin a file in the middle of another',
    made: 'a directory whose only file begins at byte 7',
    archives: one({ at: 7 }),
    end: broken('overlap, or leave bytes between them'),
  },
]

const ENDS: readonly Attack[] = [
  {
    case: 'B29',
    name: 'have two ends, each with its own directory',
    made: 'a whole zip, then another one behind it',
    archives: { zip: () => Buffer.concat([zip([X]), zip([{ name: '../planted', body: 'x' }])]) },
    end: broken('does not lie where its end record says'),
  },
  {
    case: 'B29',
    name: 'have a second end in its comment',
    made: 'a comment that holds a record like the one at the end',
    archives: framed({ comment: zipEnd({ disk: 0, entriesHere: 0, entries: 0, size: 0, offset: 0 }) }),
    end: broken('two end records'),
  },
  {
    case: 'B29',
    name: 'have a comment that is longer than it says',
    made: 'a comment of 4 bytes, and 6 of them',
    archives: framed({ comment: 'note', after: Buffer.from('!!') }),
    end: broken('goes on after its end record'),
  },
  {
    case: 'B29',
    name: 'have a comment that is shorter than it says',
    made: 'a comment of 200 bytes, and none of them',
    archives: { zip: () => zip([X], { comment: 'n'.repeat(200) }).subarray(0, -200) },
    end: broken('goes on after its end record'),
  },
  {
    case: 'B29',
    name: 'have more files than it says',
    made: 'two files, of which the end counts one',
    archives: { zip: () => zip([X, { name: 'y', body: 'y' }], { end: { entries: 1, entriesHere: 1 } }) },
    end: broken('not as long as its end record says'),
  },
  {
    case: 'B29',
    name: 'have fewer files than it says',
    made: 'one file, of which the end counts 65,000',
    archives: framed({ end: { entries: 65_000, entriesHere: 65_000 } }),
    end: broken('points behind the end'),
  },
  {
    case: 'B29',
    name: 'have a directory beyond the archive',
    made: 'a directory at byte 4,000,000,000',
    archives: framed({ end: { offset: 4_000_000_000 } }),
    end: broken('does not lie where its end record says'),
  },
  {
    case: 'B29',
    name: 'have a directory of another size than it says',
    made: 'a directory of 20 bytes',
    archives: framed({ end: { size: 20 } }),
    end: broken('does not lie where its end record says'),
  },
  {
    case: 'B29',
    name: 'begin on another disk',
    made: 'the end says that the directory lies on disk 1',
    archives: framed({ end: { disk: 1 } }),
    end: unknown('one of several parts'),
  },
  {
    case: 'B29',
    name: 'have its files on another disk',
    made: 'a file that lies on disk 3',
    archives: one({ disk: 3 }),
    end: unknown('one of several parts'),
  },
  {
    case: 'B29',
    name: 'say two things in the end and in the one for large archives',
    made: 'one file in the end, none in the record of zip64',
    archives: framed({ zip64: { entries: 0, entriesHere: 0 } }),
    end: broken('contradict each other'),
  },
  {
    case: 'B29',
    name: 'lie about its directory in the record for large archives',
    made: 'a zip64 record whose directory lies at byte 9,000,000,000',
    archives: framed({
      zip64: { offset: 9_000_000_000 },
      end: { offset: 0xffffffff, entries: 0xffff, entriesHere: 0xffff, size: 0xffffffff },
    }),
    end: broken('does not lie where its end record says'),
  },
  {
    case: 'B29',
    name: 'have more files than fit in memory',
    made: 'a zip64 record that counts 4,000,000,000 files',
    archives: framed({
      zip64: { entries: 4_000_000_000, entriesHere: 4_000_000_000 },
      end: { offset: 0xffffffff, entries: 0xffff, entriesHere: 0xffff, size: 0xffffffff },
    }),
    end: tooLarge('more than 200000 entries'),
  },
  {
    case: 'B29',
    name: 'have a size of its own for large files',
    made: 'a size of 8 GiB in the extra field of zip64, one byte in the archive',
    archives: one({
      size: 0xffffffff,
      packedSize: 0xffffffff,
      extra: extra(1, Buffer.from('00000000020000000000000002000000', 'hex')),
      version: 45,
    }),
    end: tooLarge('more than 4294967296 bytes', 'x'),
  },
  {
    case: 'B29',
    name: 'have an extra field that is longer than it is',
    made: 'an extra field that says 200 bytes and has 4',
    archives: one({ extra: Buffer.from([0x75, 0x70, 200, 0, 1, 2, 3, 4]) }),
    end: broken('extra field length exceeds'),
  },
  {
    case: 'B29',
    name: 'be nothing but an end',
    made: 'an end without a file: an empty package',
    archives: { zip: () => zip([]) },
    end: kept(),
  },
]

const PACKING: readonly Attack[] = [
  {
    case: 'B29',
    name: 'be encrypted',
    made: 'a file with flag 0',
    archives: one({ flags: 0x0801 }),
    end: unknown('is encrypted', 'x'),
  },
  {
    case: 'B29',
    name: 'be encrypted strongly',
    made: 'a file with flags 0 and 6, and method 99',
    archives: one({ flags: 0x0841, method: 99, packed: Buffer.from('x') }),
    end: broken('strong encryption is not supported'),
  },
  {
    case: 'B29',
    name: 'have its directory encrypted',
    made: 'a file with flag 13, by which names are masked',
    archives: one({ flags: 0x2801 }),
    end: unknown('is encrypted', 'x'),
  },
  {
    case: 'B29',
    name: 'be packed in a way that is not read',
    made: 'a file of method 14, which is LZMA',
    archives: one({ method: 14, packed: Buffer.from('xxxx') }),
    end: unknown('is packed by method 14', 'x'),
  },
  {
    case: 'B29',
    name: 'be a patch for another file',
    made: 'a file with flag 5',
    archives: one({ flags: 0x0820 }),
    end: unknown('is packed in a way that is not read', 'x'),
  },
  {
    case: 'B29',
    name: 'come to more than it says',
    made: 'a deflated file of 1,000 bytes that says 10',
    archives: one({ body: 'x'.repeat(1000), size: 10 }),
    end: broken('not as long as the directory of the zip says, or not of its checksum', 'x'),
  },
  {
    case: 'B29',
    name: 'come to less than it says',
    made: 'a deflated file of 10 bytes that says 1,000',
    archives: one({ body: 'x'.repeat(10), size: 1000 }),
    end: broken('not as long as the directory of the zip says, or not of its checksum', 'x'),
  },
  {
    case: 'B29',
    name: 'be stored and have two sizes',
    made: 'a stored file of one byte that says it unpacks to two',
    archives: one({ method: 0, size: 2 }),
    end: broken('not as long as the directory of the zip says, or not of its checksum', 'x'),
  },
  {
    case: 'B29',
    name: 'carry bytes behind its stream',
    made: 'a deflated file with four bytes behind the end of its stream',
    archives: one({ packed: Buffer.concat([deflateRawSync('x'), Buffer.from('more')]) }),
    end: broken('cannot be decompressed', 'x'),
  },
  {
    case: 'B29',
    name: 'be no stream',
    made: 'a deflated file of bytes that are none',
    archives: one({ packed: Buffer.alloc(20, 0xff) }),
    end: broken('cannot be decompressed', 'x'),
  },
  {
    case: 'B29',
    name: 'have its stream cut',
    made: 'the first half of a deflated file',
    archives: {
      zip: () => {
        const packed = deflateRawSync(Buffer.from([...Array(200).keys()]))
        return zip([{ name: 'x', body: Buffer.from([...Array(200).keys()]), packed: packed.subarray(0, packed.length / 2) }])
      },
    },
    end: broken('cannot be decompressed', 'x'),
  },
  {
    case: 'B29',
    name: 'say behind its bytes what it should say before them, and lie',
    made: 'a data descriptor with another checksum and size',
    archives: one({
      flags: 0x0808,
      local: { crc: 0, size: 0, packedSize: 0 },
      behind: descriptor(1, 3, 100),
    }),
    end: broken('says something else after its body', 'x'),
  },
  {
    case: 'B29',
    name: 'promise a data descriptor and have none',
    made: 'flag 3, sizes of 0 in the record, nothing behind the bytes',
    archives: one({ flags: 0x0808, local: { crc: 0, size: 0, packedSize: 0 } }),
    end: broken('overlap, or leave bytes between them', 'x'),
  },
  {
    case: 'B29',
    name: 'be honest with a data descriptor',
    made: 'flag 3, sizes of 0 in the record, the true ones behind the bytes',
    archives: one({
      flags: 0x0808,
      local: { crc: 0, size: 0, packedSize: 0 },
      behind: descriptor(crc32('x'), deflateRawSync('x').length, 1),
    }),
    end: kept('644 x'),
  },
]

const ATTRIBUTES: readonly Attack[] = [
  {
    case: 'B30',
    name: 'be a link that leads out, by its attributes',
    made: 'mode 120777 and the bytes ../../victim',
    archives: { zip: () => zip([{ name: 'l', body: '../../victim', mode: 0o120777, method: 0 }]) },
    end: unsafe('leads out of the package', 'l'),
  },
  {
    case: 'B30',
    name: 'be a link whose target is packed',
    made: 'the same, deflated',
    archives: { zip: () => zip([{ name: 'l', body: '../../victim', mode: 0o120777, method: 8 }]) },
    end: unsafe('leads out of the package', 'l'),
  },
  {
    case: 'B30',
    name: 'be a link with a target that fills the memory',
    made: 'a symbolic link to 100,000 bytes',
    archives: { zip: () => zip([{ name: 'l', body: 't'.repeat(100_000), mode: 0o120777 }]) },
    end: broken('is a link to a path of 100000 bytes', 'l'),
  },
  {
    case: 'B30',
    name: 'write through a link, by its attributes',
    made: 'a link d to ., then a file d/x',
    archives: {
      zip: () =>
        zip([
          { name: 'd', body: '.', mode: 0o120777 },
          { name: 'd/x', body: 'x' },
        ]),
    },
    end: unsafe('lies under a symbolic link', 'd/x'),
  },
  {
    case: 'B30',
    name: 'be a directory with bytes',
    made: 'a file d/ with a body',
    archives: { zip: () => zip([{ name: 'd/', body: 'bytes' }]) },
    end: broken('is a directory and has a body', 'd/'),
  },
  {
    case: 'B30',
    name: 'be a directory to one and a file to another',
    made: 'a name that ends in a slash, with the mode of a file',
    archives: { zip: () => zip([{ name: 'd/', mode: 0o100644 }]) },
    end: broken('by its name or its attributes, and not by both', 'd/'),
  },
  {
    case: 'B30',
    name: 'be a file to one and a directory to another',
    made: 'a name without a slash, with the mode of a directory',
    archives: { zip: () => zip([{ name: 'd', mode: 0o40755 }]) },
    end: broken('by its name or its attributes, and not by both', 'd'),
  },
  {
    case: 'B30',
    name: 'be a link to one and a directory to another',
    made: 'a name that ends in a slash, with the mode of a link',
    archives: { zip: () => zip([{ name: 'd/', body: '..', mode: 0o120777 }]) },
    end: broken('by its name or its attributes, and not by both', 'd/'),
  },
  {
    case: 'B30',
    name: 'be a device by its attributes',
    made: 'mode 60660',
    archives: { zip: () => zip([{ name: 'sda', mode: 0o60660 }]) },
    end: unsafe('is a block device', 'sda'),
  },
  {
    case: 'B30',
    name: 'be of a type nobody has defined, by its attributes',
    made: 'mode 150644',
    archives: { zip: () => zip([{ name: 'x', body: 'x', mode: 0o150644 }]) },
    end: unsafe('of an unknown type', 'x'),
  },
  {
    case: 'B30',
    name: 'come from a system without modes',
    made: 'a file of DOS with the mode of a link, which some readers believe and some do not',
    archives: { zip: () => zip([{ name: 'x', body: '../../victim', mode: 0o120777, host: 0 }]) },
    end: unsafe('leads out of the package', 'x'),
  },
]

/** Zips: two descriptions of every file, of which each reader believes another. */
export const ZIPS: readonly Attack[] = [...CONTRADICTIONS, ...ENDS, ...PACKING, ...ATTRIBUTES]
