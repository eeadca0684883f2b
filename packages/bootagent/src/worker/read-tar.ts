import { type ByteReader, createByteReader } from './byte-reader.ts'
import { type Overrides, readExtended } from './extended-header.ts'
import type { WrittenEntry } from './judge-entry.ts'
import { BLOCK, isZero, readHeader } from './tar-header.ts'
import { archiveBroken } from './archive-broken.ts'

/** One entry and, until the next one is asked for, its bytes. */
export interface TarEntry extends WrittenEntry {
  readonly body: AsyncIterable<Buffer>
}

/**
 * Reads a tar archive, entry by entry, to the last byte of the stream. Stricter than other readers: it must end with
 * two blocks of zeros, and nothing but zeros may follow them. Throws `archive-broken`, or `archive-unsafe` for names.
 */
export async function* readTar(bytes: AsyncIterable<Buffer>): AsyncGenerator<TarEntry, void> {
  const reader = createByteReader(bytes)
  let overrides: Overrides | undefined
  for (;;) {
    const block = await reader.exactly(BLOCK)
    if (block === undefined) throw archiveBroken('the archive ends without the blocks that mark its end')
    if (isZero(block)) break
    const header = readHeader(block, overrides)
    const end = reader.position() + Math.ceil(header.size / BLOCK) * BLOCK
    if ('extended' in header) {
      overrides = readExtended(header.extended, await extendedBody(reader, header.size), overrides)
    } else {
      yield { ...header.entry, body: reader.pieces(header.size) }
      overrides = undefined
    }
    await reader.skipTo(end)
  }
  if (overrides !== undefined) throw archiveBroken('an extended header has no entry after it')
  await readEnd(reader)
}

/** Longer than any name or attribute that is kept. */
const LONGEST_EXTENDED = 65_536

async function extendedBody(reader: ByteReader, size: number): Promise<Buffer> {
  if (size > LONGEST_EXTENDED) throw archiveBroken(`an extended header is longer than ${LONGEST_EXTENDED} bytes`)
  return (size === 0 ? undefined : await reader.exactly(size)) ?? Buffer.alloc(0)
}

/** Archives are padded with zeros to whole records; anything else there is another archive, for another reader. */
async function readEnd(reader: ByteReader): Promise<void> {
  const second = await reader.exactly(BLOCK)
  if (second === undefined) throw archiveBroken('the archive ends with one of the two blocks that mark its end')
  for (let piece: Buffer | undefined = second; piece !== undefined; piece = await reader.some(65_536)) {
    if (!isZero(piece)) throw archiveBroken('the archive goes on after its end')
  }
}
