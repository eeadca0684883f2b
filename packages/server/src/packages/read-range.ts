/** The part of a package that is asked for; `last` is inclusive, as HTTP counts. */
export interface Part {
  readonly first: number
  readonly last: number
}

/**
 * Reads a `Range` header (RFC 9110, 14.1.2) against a length of at least one byte. Whatever is not one satisfiable range of
 * bytes is undefined, that is the whole, as the RFC lets a server do; only a range that begins past the end is refused.
 */
export function readRange(header: string | undefined, length: number): Part | undefined | 'unsatisfiable' {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '')
  if (match === null) return undefined
  const [, from = '', to = ''] = match
  if (from === '') return to === '' ? undefined : lastBytes(Number(to), length)
  const first = Number(from)
  if (to !== '' && Number(to) < first) return undefined
  if (first >= length) return 'unsatisfiable'
  return { first, last: to === '' ? length - 1 : Math.min(Number(to), length - 1) }
}

function lastBytes(count: number, length: number): Part | 'unsatisfiable' {
  return count === 0 ? 'unsatisfiable' : { first: Math.max(0, length - count), last: length - 1 }
}
