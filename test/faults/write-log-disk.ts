import { execFileSync } from 'node:child_process'
import { appendFileSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import process from 'node:process'
import { encodeRecord } from './write-log.ts'

/**
 * `node write-log-disk.ts DIRECTORY IMAGE LOG`: mounts a file system with one file in it, `disk`, whose bytes are those of IMAGE, and notes
 * down every write and every flush in LOG before it is done. A loop device over it is a disk that remembers.
 *
 * It speaks the kernel's FUSE protocol (linux/fuse.h, version 7.31) over /dev/fuse by itself: one thread, one request after another, so
 * that the log is in the order of the writes, and nothing but the kernel is needed. It ends when it is unmounted.
 */

const [directory = '', image = '', log = ''] = process.argv.slice(2)
const disk = openSync(image, 'r+')
const notes = openSync(log, 'a')
const fuse = openSync('/dev/fuse', 'r+')

const HEAD_IN = 40
const HEAD_OUT = 16
const MOST_WRITTEN = 128 * 1024
const ROOT = 1n
const FILE = 2n

const OPS = {
  lookup: 1,
  forget: 2,
  getattr: 3,
  open: 14,
  read: 15,
  write: 16,
  statfs: 17,
  release: 18,
  fsync: 20,
  flush: 25,
  init: 26,
  opendir: 27,
  releasedir: 29,
  interrupt: 36,
  destroy: 38,
  forgetMany: 42,
} as const

/** Errors of the kernel, as it numbers them. */
const [ENOENT, ENODEV, ENOSYS] = [2, 'ENODEV', 38]

// By mount(8), which hands the descriptor on; it asks nothing that would be answered only below.
execFileSync('mount', ['-i', '-t', 'fuse', '-o', 'fd=3,rootmode=40000,user_id=0,group_id=0', 'write-log', directory], {
  stdio: ['ignore', 'inherit', 'inherit', fuse],
})
serve()

function serve(): void {
  const buffer = Buffer.alloc(MOST_WRITTEN + 64 * 1024)
  for (;;) {
    const length = receive(buffer)
    if (length === 0) return
    const request = buffer.subarray(0, length)
    const answer = answerTo(request.readUInt32LE(4), request.readBigUInt64LE(16), request.subarray(HEAD_IN))
    if (answer !== undefined) reply(request.readBigUInt64LE(8), answer)
  }
}

/** 0 once it is unmounted. */
function receive(buffer: Buffer): number {
  try {
    return readSync(fuse, buffer)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === ENODEV) return 0
    // Asked for and withdrawn before it was read.
    if (code === 'ENOENT' || code === 'EINTR' || code === 'EAGAIN') return receive(buffer)
    throw error
  }
}

function reply(unique: bigint, answer: Buffer | number): void {
  const body = typeof answer === 'number' ? Buffer.alloc(0) : answer
  const head = Buffer.alloc(HEAD_OUT)
  head.writeUInt32LE(HEAD_OUT + body.length, 0)
  head.writeInt32LE(typeof answer === 'number' ? -answer : 0, 4)
  head.writeBigUInt64LE(unique, 8)
  writeSync(fuse, Buffer.concat([head, body]))
}

/** The body of an answer, the number of an error, or nothing where none is expected. */
function answerTo(op: number, node: bigint, body: Buffer): Buffer | number | undefined {
  switch (op) {
    case OPS.init:
      return init(body)
    case OPS.lookup:
      return body.toString('latin1').split('\0')[0] === 'disk' ? entry() : ENOENT
    case OPS.getattr:
      return Buffer.concat([Buffer.alloc(16), attributes(node)])
    case OPS.open:
    case OPS.opendir:
    case OPS.statfs:
      return Buffer.alloc(op === OPS.statfs ? 80 : 16)
    case OPS.read:
      return read(Number(body.readBigUInt64LE(8)), body.readUInt32LE(16))
    case OPS.write:
      return write(Number(body.readBigUInt64LE(8)), body.subarray(40, 40 + body.readUInt32LE(16)))
    case OPS.fsync:
      appendFileSync(notes, encodeRecord({ kind: 'flush' }))
      return Buffer.alloc(0)
    case OPS.flush:
    case OPS.release:
    case OPS.releasedir:
    case OPS.destroy:
      return Buffer.alloc(0)
    case OPS.forget:
    case OPS.forgetMany:
    case OPS.interrupt:
      return undefined
    default:
      return ENOSYS
  }
}

function init(body: Buffer): Buffer {
  const answer = Buffer.alloc(64)
  answer.writeUInt32LE(7, 0)
  answer.writeUInt32LE(Math.min(31, body.readUInt32LE(4)), 4)
  answer.writeUInt32LE(body.readUInt32LE(8), 8)
  // Writes larger than a page.
  answer.writeUInt32LE(1 << 5, 12)
  answer.writeUInt16LE(16, 16)
  answer.writeUInt16LE(12, 18)
  answer.writeUInt32LE(MOST_WRITTEN, 20)
  answer.writeUInt32LE(1, 24)
  return answer
}

function entry(): Buffer {
  const head = Buffer.alloc(40)
  head.writeBigUInt64LE(FILE, 0)
  return Buffer.concat([head, attributes(FILE)])
}

function attributes(node: bigint): Buffer {
  const size = node === ROOT ? 0 : fstatSync(disk).size
  const answer = Buffer.alloc(88)
  answer.writeBigUInt64LE(node, 0)
  answer.writeBigUInt64LE(BigInt(size), 8)
  answer.writeBigUInt64LE(BigInt(Math.ceil(size / 512)), 16)
  answer.writeUInt32LE(node === ROOT ? 0o040700 : 0o100600, 60)
  answer.writeUInt32LE(node === ROOT ? 2 : 1, 64)
  answer.writeUInt32LE(4096, 80)
  return answer
}

function read(at: number, length: number): Buffer {
  const answer = Buffer.alloc(length)
  return answer.subarray(0, readSync(disk, answer, 0, length, at))
}

function write(at: number, bytes: Buffer): Buffer {
  appendFileSync(notes, encodeRecord({ kind: 'write', at, bytes }))
  for (let done = 0; done < bytes.length; ) done += writeSync(disk, bytes, done, bytes.length - done, at + done)
  const answer = Buffer.alloc(8)
  answer.writeUInt32LE(bytes.length, 0)
  return answer
}
