import { readFileSync } from 'node:fs'

/** One thing that was done to a disk: bytes written at a place, or all that was written before made to last. */
export type DiskRecord = { readonly kind: 'write'; readonly at: number; readonly bytes: Buffer } | { readonly kind: 'flush' }

/** Bytes before the bytes of a record: its kind, its place, its length, 8 each. */
const HEAD = 24

/** A record as it is put into the log. */
export function encodeRecord(record: DiskRecord): Buffer {
  const head = Buffer.alloc(HEAD)
  if (record.kind === 'flush') return head
  head.writeBigUInt64LE(1n, 0)
  head.writeBigUInt64LE(BigInt(record.at), 8)
  head.writeBigUInt64LE(BigInt(record.bytes.length), 16)
  return Buffer.concat([head, record.bytes])
}

/** Every record, and how long the log was once it was in it: what was seen of the log's length tells how many records there were. */
export function readLog(path: string): { readonly record: DiskRecord; readonly end: number }[] {
  const log = readFileSync(path)
  const records: { record: DiskRecord; end: number }[] = []
  for (let at = 0; at + HEAD <= log.length; ) {
    const isWrite = log.readBigUInt64LE(at) === 1n
    const length = Number(log.readBigUInt64LE(at + 16))
    const bytes = log.subarray(at + HEAD, at + HEAD + length)
    const record: DiskRecord = isWrite ? { kind: 'write', at: Number(log.readBigUInt64LE(at + 8)), bytes } : { kind: 'flush' }
    at += HEAD + length
    records.push({ record, end: at })
  }
  return records
}
