import { archiveBroken } from './archive-broken.ts'

/** Reads a stream of pieces by counted bytes, in order, never holding more than one piece beyond what is asked for. */
export interface ByteReader {
  /** Bytes taken so far. */
  position(): number
  /** Whatever comes next, at most `most` bytes; undefined at the end of the stream. */
  some(most: number): Promise<Buffer | undefined>
  /** Just so many bytes; undefined at the end of the stream; throws `archive-broken` when the stream ends in between. */
  exactly(count: number): Promise<Buffer | undefined>
  /** Just so many bytes, piece by piece. */
  pieces(count: number): AsyncGenerator<Buffer, void>
  /** Passes over everything up to a position. */
  skipTo(end: number): Promise<void>
}

export function createByteReader(bytes: AsyncIterable<Buffer>): ByteReader {
  const source = bytes[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  let position = 0

  async function some(most: number): Promise<Buffer | undefined> {
    while (rest.length === 0) {
      const next = await source.next()
      if (next.done === true) return undefined
      rest = next.value
    }
    const piece = rest.subarray(0, most)
    rest = rest.subarray(piece.length)
    position += piece.length
    return piece
  }

  async function* until(end: number): AsyncGenerator<Buffer, void> {
    while (position < end) {
      const piece = await some(end - position)
      if (piece === undefined) throw archiveBroken(`the archive is cut: ${end - position} bytes are missing at its end`)
      yield piece
    }
  }

  return {
    position: () => position,
    some,
    async exactly(count) {
      const first = await some(count)
      if (first === undefined || first.length === count) return first
      const pieces = [first]
      for await (const piece of until(position + count - first.length)) pieces.push(piece)
      return Buffer.concat(pieces)
    },
    pieces: (count) => until(position + count),
    async skipTo(end) {
      const ignored = until(end)
      while ((await ignored.next()).done !== true);
    },
  }
}
