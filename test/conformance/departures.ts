/**
 * Where a value departs from an example: a field that is missing, or has another JSON type. What the example does not have is
 * nobody's business, and every entry of a list is held against the example's first.
 */
export function departures(example: unknown, value: unknown, path = 'the body'): string[] {
  const [wanted, found] = [kindOf(example), kindOf(value)]
  if (wanted !== found) return [`${path} is ${found}, not ${wanted}`]
  if (Array.isArray(example)) {
    return example.length === 0 ? [] : (value as unknown[]).flatMap((each, at) => departures(example[0], each, `${path}[${at}]`))
  }
  if (wanted !== 'an object') return []
  const fields = value as Record<string, unknown>
  return Object.entries(example as object).flatMap(([field, inner]) => departures(inner, fields[field], `${path}.${field}`))
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return value === undefined ? 'missing' : (KINDS[typeof value] ?? typeof value)
}

const KINDS: Readonly<Record<string, string>> = {
  object: 'an object',
  string: 'a string',
  number: 'a number',
  boolean: 'a boolean',
}
