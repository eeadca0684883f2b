import { execFileSync } from 'node:child_process'

/** Bytes as the program xz packs them. */
export function xz(bytes: Buffer): Buffer {
  return execFileSync('xz', ['--stdout', '--threads=1'], { input: bytes, maxBuffer: 2 ** 30 })
}
