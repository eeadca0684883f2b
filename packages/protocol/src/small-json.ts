const MAX_DEPTH = 8
const MAX_CHARACTERS = 4096

/**
 * True for a value of free shape that may be kept and sent on: at most 8 levels, 4,096 characters of JSON, finite numbers.
 * A megabyte of `[[[[…` parses, but writing it again overflows the stack, and 1e400 parses to what JSON cannot write.
 */
export function isSmallJson(value: unknown): boolean {
  return isWritable(value, MAX_DEPTH) && JSON.stringify(value).length <= MAX_CHARACTERS
}

function isWritable(value: unknown, depth: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  return depth > 0 && Object.values(value).every((inner) => isWritable(inner, depth - 1))
}
