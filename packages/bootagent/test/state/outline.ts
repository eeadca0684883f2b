/** What of a schema of valibot says what it takes. */
interface Schema {
  readonly type: string
  readonly entries?: Readonly<Record<string, Schema>>
  readonly value?: Schema
  /** Of a variant, the field by which it is told apart. */
  readonly key?: Schema | string
  readonly item?: Schema
  readonly wrapped?: Schema
  readonly literal?: string | number | boolean
  readonly options?: readonly unknown[]
  readonly pipe?: readonly (Schema & { readonly requirement?: unknown })[]
}

/**
 * Everything a reader demands of a value, one line a place, so that two of them can be compared: `agents.*.wanted: picklist running,
 * stopped`. A star stands for each key and each entry, a question mark for what may be absent.
 */
export function outline(schema: Schema, path = ''): string[] {
  if (schema.wrapped !== undefined) return outline(schema.wrapped, `${path}${schema.type === 'optional' ? '?' : ' or null'}`)
  const here = `${path === '' ? '(whole)' : path}: ${demandOf(schema)}`
  const below = [
    ...Object.entries(schema.entries ?? {}).flatMap(([name, each]) => outline(each, path === '' ? name : `${path}.${name}`)),
    ...(isSchema(schema.key) ? outline(schema.key, `${path}.(key)`) : []),
    ...[schema.value, schema.item].flatMap((each) => (each === undefined ? [] : outline(each, `${path}.*`))),
    ...(schema.options ?? []).flatMap((each, index) => (isSchema(each) ? outline(each, `${path}|${index}`) : [])),
  ]
  return [here, ...below]
}

function demandOf({ type, literal, options = [], pipe = [] }: Schema): string {
  const words = options.filter((each) => !isSchema(each)).join(', ')
  const choices = options.filter(isSchema).length
  const actions = pipe.slice(1).map((action) => [action.type, shown(action.requirement)].join(' ').trim())
  return [type, literal === undefined ? '' : String(literal), words, choices === 0 ? '' : `of ${choices}`, ...actions]
    .filter((part) => part !== '')
    .join(' ')
}

/** What a function demands cannot be seen from outside; that there is one can. */
function shown(requirement: unknown): string {
  return requirement instanceof RegExp || typeof requirement === 'number' || typeof requirement === 'string'
    ? String(requirement)
    : ''
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && 'type' in value
}
