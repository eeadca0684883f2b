import { crc32 } from 'node:zlib'
import { zip } from './zip-records.ts'

/**
 * A zip that unpacks to itself. Its packed bytes are a program of two orders, "print these bytes" (L) and "print the last n bytes
 * again" (R), that prints what stands before it, itself and what stands behind it. The name must be of eight characters: the lengths
 * of all orders were chosen for that.
 */
export function zipQuine(name: string): Buffer {
  const packed = programOf(frameOf(name, { crc: 0, packed: 0, size: 0 })).length
  const size = frameOf(name, { crc: 0, packed, size: 0 }).whole.length
  const quineOf = (crc: number): Buffer => {
    const frame = frameOf(name, { crc, packed, size })
    return Buffer.concat([frame.before, programOf(frame), frame.behind])
  }
  return quineOf(fixedPoint((crc) => crc32(quineOf(crc))))
}

interface Frame {
  readonly whole: Buffer
  /** The record in front of the packed bytes. */
  readonly before: Buffer
  /** The directory and the end. */
  readonly behind: Buffer
}

function frameOf(name: string, { crc, packed, size }: { crc: number; packed: number; size: number }): Frame {
  const whole = zip([{ name, method: 8, packed: Buffer.alloc(packed), crc, size, flags: 0 }])
  const before = 30 + Buffer.byteLength(name)
  return { whole, before: whole.subarray(0, before), behind: whole.subarray(before + packed) }
}

/**
 * What was printed follows what was read at a distance; the orders are arranged so that each one's output is the text that was read
 * and not yet printed, and the beginning of what is read next.
 */
function programOf({ before, behind }: Frame): Buffer {
  const first = print(before.length + 5)
  const again = repeat(before.length + 5, 11)
  const [l26, r26] = [print(26), repeat(26, 8)]
  const filler = Buffer.concat([repeat(0, 6), repeat(0, 7)])
  const last = Buffer.concat([Buffer.from([1, 0, 0, 0xff, 0xff]), behind])
  const tail = Buffer.concat([repeat(last.length + 9, 9), last])
  const orders = [
    first,
    before,
    first,
    again,
    ...[print(11), again],
    ...[l26, print(11), again, l26, print(11)],
    ...[l26, again, l26, print(11), l26],
    r26,
    ...[l26, r26, l26, r26, l26],
    r26,
    ...[l26, r26, filler, print(tail.length)],
    r26,
    filler,
    ...[print(tail.length), tail],
    tail,
  ]
  const program = Buffer.concat(orders)
  return program.subarray(0, program.length - behind.length)
}

/** L: the head of a stored block of so many bytes (RFC 1951, 3.2.4); they follow it. */
function print(count: number): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt16LE(count, 1)
  head.writeUInt16LE(~count & 0xffff, 3)
  return head
}

/** R: a block of fixed codes (3.2.6) that copies the last `count` bytes; empty blocks behind it make it `length` bytes long. */
function repeat(count: number, length: number): Buffer {
  for (let empty = 0; empty < 3; empty += 1) {
    const bits = createBits()
    if (count > 0) bits.low(0b010, 3).match(count).code(0, 7)
    for (let n = 0; n < empty; n += 1) bits.low(0b010, 3).code(0, 7)
    // The last one is a stored block of no bytes, which begins at the next whole byte.
    const block = Buffer.concat([bits.low(0, 3).bytes(), Buffer.from([0, 0, 0xff, 0xff])])
    if (block.length === length) return block
  }
  throw new Error(`no order that repeats ${count} bytes is ${length} bytes long`)
}

interface Bits {
  /** A number, its lowest bit first. */
  low(value: number, width: number): Bits
  /** A code, its highest bit first. */
  code(value: number, width: number): Bits
  /** `count` bytes from as far back. */
  match(count: number): Bits
  bytes(): Buffer
}

/** Lengths and distances: the least value of a code, the code, its extra bits; only those that are used here (3.2.5). */
const LENGTHS = [
  [83, 278, 4],
  [43, 274, 3],
  [23, 270, 2],
] as const
const DISTANCES = [
  [65, 12, 5],
  [33, 10, 4],
  [25, 9, 3],
] as const

function createBits(): Bits {
  const all: number[] = []
  const bits: Bits = {
    low(value, width) {
      for (let n = 0; n < width; n += 1) all.push((value >> n) & 1)
      return bits
    },
    code(value, width) {
      for (let n = width - 1; n >= 0; n -= 1) all.push((value >> n) & 1)
      return bits
    },
    match(count) {
      const [leastLength, length, lengthBits] = LENGTHS.find(([least]) => count >= least) ?? LENGTHS[2]
      const [leastDistance, distance, distanceBits] = DISTANCES.find(([least]) => count >= least) ?? DISTANCES[2]
      return bits
        .code(length - 256, 7)
        .low(count - leastLength, lengthBits)
        .code(distance, 5)
        .low(count - leastDistance, distanceBits)
    },
    bytes() {
      const bytes = Buffer.alloc(Math.ceil(all.length / 8))
      all.forEach((bit, n) => (bytes[n >> 3] = (bytes[n >> 3] ?? 0) | (bit << (n & 7))))
      return bytes
    },
  }
  return bits
}

/**
 * The checksum that a file holds of itself. A crc is affine: bits that flip in the file flip the same bits of its crc, whatever the
 * others are; so 32 trials give 32 equations of which the fixed point is the solution.
 */
function fixedPoint(crcWith: (crc: number) => number): number {
  const origin = crcWith(0)
  // Row: the coefficients of one equation, and in bit 32 what they must come to.
  const rows = Array.from({ length: 32 }, (_, bit) => BigInt((origin >>> bit) & 1) << 32n)
  for (let column = 0; column < 32; column += 1) {
    const effect = crcWith((1 << column) >>> 0) ^ origin ^ (1 << column)
    rows.forEach((row, bit) => (rows[bit] = row | (BigInt((effect >>> bit) & 1) << BigInt(column))))
  }
  return solve(rows)
}

function solve(rows: bigint[]): number {
  let found = 0
  for (let column = 0n; column < 32n; column += 1n) {
    const pivot = rows.findIndex((row, n) => n >= Number(column) && has(row, column))
    if (pivot === -1) throw new Error('no file of this name holds its own checksum')
    const [row] = rows.splice(pivot, 1)
    rows.splice(Number(column), 0, row ?? 0n)
    rows.forEach((other, n) => {
      if (n !== Number(column) && has(other, column)) rows[n] = other ^ (row ?? 0n)
    })
  }
  rows.forEach((row, n) => (found |= has(row, 32n) ? 1 << n : 0))
  return found >>> 0
}

function has(row: bigint, bit: bigint): boolean {
  return ((row >> bit) & 1n) === 1n
}
