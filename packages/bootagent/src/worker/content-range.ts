/** What a `Content-Range` says: the bytes from `first` to `last`, inclusive, of `length` in all, where that is known. */
export interface ContentRange {
  readonly first: number
  readonly last: number
  readonly length: number | undefined
}

/** Reads `bytes 5-9/10` (RFC 9110, 14.4); undefined for anything that is not one range of bytes that can be. */
export function readContentRange(header: string | undefined): ContentRange | undefined {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(header?.trim() ?? '')
  if (match === null) return undefined
  const [first, last] = [Number(match[1]), Number(match[2])]
  const length = match[3] === '*' ? undefined : Number(match[3])
  if (last < first || (length !== undefined && last >= length)) return undefined
  return { first, last, length }
}

/**
 * Whether a part goes on where a package was cut off: it begins right there and goes to the end, and its length is what was
 * announced. `announced` is its Content-Length.
 */
export function goesOn(range: ContentRange | undefined, from: number, announced: number | undefined): range is ContentRange {
  if (range === undefined || range.first !== from) return false
  if (range.length !== undefined && range.last !== range.length - 1) return false
  return announced === undefined || announced === range.last - range.first + 1
}
