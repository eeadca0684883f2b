import type * as v from 'valibot'

/** One field of a message: its path (`agents[].name`) and whether a writer may leave it out. */
export interface Field {
  readonly path: string
  readonly optional: boolean
}

/** What of a schema's inside is walked here; valibot's own types name each kind apart. */
interface Inside {
  readonly type: string
  readonly entries?: Readonly<Record<string, v.GenericSchema & Inside>>
  readonly item?: v.GenericSchema & Inside
  readonly wrapped?: v.GenericSchema & Inside
}

/** Every field of a message, and the fields in its fields; a map of free keys (`envs`) and a union are one field. */
export function fieldsOf(schema: v.GenericSchema & Inside, at = ''): Field[] {
  if (schema.wrapped !== undefined) return fieldsOf(schema.wrapped, at)
  if (schema.item !== undefined) return fieldsOf(schema.item, `${at}[]`)
  return Object.entries(schema.entries ?? {}).flatMap(([name, field]) => {
    const path = at === '' ? name : `${at}.${name}`
    return [{ path, optional: /^optional|^nullish/.test(field.type) }, ...fieldsOf(field, path)]
  })
}
