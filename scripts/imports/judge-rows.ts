import type { SourceFile } from '../source/find-sources.ts'
import { type Breach, type ImportRules, packageOf, partOf } from './import-rules.ts'

/** A row for every package and part, and none for what is gone: what has no row could import anything. */
export function judgeRows(product: readonly SourceFile[], rules: ImportRules): Breach[] {
  const ofPackages = compare(
    Object.keys(rules.packages),
    product.map(({ path }) => ({ name: packageOf(path), path })),
    (name) => `package ${name}`,
  )
  const ofParts = Object.entries(rules.parts).map(([owner, rows]) => {
    const inside = product.filter(({ path }) => packageOf(path) === owner)
    const parts = inside.map(({ path }) => ({ name: partOf(path), path }))
    return compare(Object.keys(rows), parts, (name) => `part ${name} of ${owner}`)
  })
  return [...ofPackages, ...ofParts.flat()]
}

function compare(
  rows: readonly string[],
  there: readonly { name: string; path: string }[],
  title: (name: string) => string,
): Breach[] {
  const paths = new Map(there.map(({ name, path }) => [name, path]))
  const missing = [...paths].filter(([name]) => !rows.includes(name))
  const dead = rows.filter((name) => !paths.has(name))
  return [
    ...missing.map(([name, path]) => ({
      path,
      line: 1,
      what: `${title(name)} has no row in ${TABLE}`,
      why: 'what has no row could import anything',
    })),
    ...dead.map((name) => ({
      path: TABLE,
      line: 1,
      what: `has a row for ${title(name)}, which is not there`,
      why: 'rules about nothing hide those that hold',
    })),
  ]
}

const TABLE = 'scripts/imports/directions.ts'
