import { createByteReader } from './byte-reader.ts'
import { archiveBroken } from './archive-broken.ts'

/** One member of an ar archive and, until the next one is asked for, its bytes. */
export interface ArMember {
  readonly name: string
  readonly body: AsyncIterable<Buffer>
}

/** Reads an ar archive as deb(5) uses it: short names only, no symbol table. Throws `archive-broken`. */
export async function* readAr(bytes: AsyncIterable<Buffer>): AsyncGenerator<ArMember, void> {
  const reader = createByteReader(bytes)
  if ((await reader.exactly(8))?.toString('latin1') !== '!<arch>\n') throw archiveBroken('the package is no ar archive')
  for (let header = await reader.exactly(60); header !== undefined; header = await reader.exactly(60)) {
    const { name, size } = readHeader(header.toString('latin1'))
    const end = reader.position() + size
    yield { name, body: reader.pieces(size) }
    await reader.skipTo(end)
    // Members begin at even places; the last one may go without the byte that makes it even.
    const pad = size % 2 === 0 ? undefined : await reader.exactly(1)
    if (pad !== undefined && pad.toString('latin1') !== '\n')
      throw archiveBroken('a member of the package is longer than it says')
  }
}

/** name[16] time[12] owner[6] group[6] mode[8] size[10] and two marks, all in ASCII padded with spaces. */
function readHeader(header: string): { name: string; size: number } {
  const [, name] = /^([A-Za-z0-9_.-]+)\/? *$/.exec(header.slice(0, 16)) ?? []
  const [, size] = /^(\d+) *$/.exec(header.slice(48, 58)) ?? []
  if (name === undefined || size === undefined || header.slice(58) !== '`\n') {
    throw archiveBroken('a member of the package has a header that cannot be read')
  }
  return { name, size: Number(size) }
}
