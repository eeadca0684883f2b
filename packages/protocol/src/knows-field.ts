import type * as v from 'valibot'

/** What of a schema's inside is walked; valibot's own types name each kind apart. */
interface Inside {
  readonly type: string
  readonly entries?: Readonly<Record<string, Inside>>
  readonly item?: Inside
  readonly wrapped?: Inside
  readonly options?: readonly unknown[]
}

/**
 * Whether a schema has a field, written as its path: `limits.memory`, `restart.delay`. A list's fields are those of its entries, those
 * of several shapes are of any of them, and a map of free keys has every key.
 */
export function knowsField(schema: v.GenericSchema, path: string): boolean {
  return knows(schema, path.split('.'))
}

function knows(schema: Inside, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return true
  if (schema.wrapped !== undefined) return knows(schema.wrapped, [name, ...rest])
  if (schema.item !== undefined) return knows(schema.item, [name, ...rest])
  if (schema.type === 'variant') return (schema.options ?? []).some((option) => knows(option as Inside, [name, ...rest]))
  if (schema.type === 'record') return rest.length === 0
  // Own fields only: `constructor` is in every object.
  const field = Object.hasOwn(schema.entries ?? {}, name) ? schema.entries?.[name] : undefined
  return field !== undefined && knows(field, rest)
}
