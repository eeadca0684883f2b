import { type Breach, type Direction, type Edge, type ImportRules, packageOf, partOf } from './import-rules.ts'

/** True of files that never ship: tests, and the contract suites that several tests share. */
export function isTest(path: string): boolean {
  return /\.(test|contract)\.tsx?$/.test(path)
}

/** Judges one import by the first rule it breaks. */
export function judgeEdge(edge: Edge, rules: ImportRules): Breach[] {
  const broken =
    fromTests(edge) ?? betweenPackages(edge, rules.packages) ?? ofMarkedFile(edge, rules.files) ?? betweenParts(edge, rules.parts)
  return broken === undefined ? [] : [{ path: edge.from, line: edge.line, ...broken }]
}

type Broken = Pick<Breach, 'what' | 'why'> | undefined

function fromTests({ from, to }: Edge): Broken {
  const forTests = isTest(to) || to.includes('/src/testing/')
  if (!forTests || from.includes('/src/testing/')) return undefined
  return { what: `imports ${to}`, why: 'what ships must not depend on what tests it' }
}

function betweenPackages(edge: Edge, rows: ImportRules['packages']): Broken {
  const [from, to] = [packageOf(edge.from), packageOf(edge.to)]
  const row = rows[from]
  if (from === to) return undefined
  if (edge.relative) {
    return {
      what: `reaches into ${edge.to} by a path`,
      why: 'a package is entered by its name, so that its index alone says what is public',
    }
  }
  return row === undefined || allows(row, to, edge) ? undefined : { what: `${from} imports ${to}`, why: row.why }
}

function ofMarkedFile({ from, to }: Edge, rules: ImportRules['files']): Broken {
  const rule = rules.find(({ file, onlyFrom }) => file.test(to) && !onlyFrom.test(from))
  return rule === undefined ? undefined : { what: `imports ${to}`, why: rule.why }
}

function betweenParts(edge: Edge, parts: ImportRules['parts']): Broken {
  const [from, to] = [partOf(edge.from), partOf(edge.to)]
  const row = parts[packageOf(edge.from)]?.[from]
  if (packageOf(edge.from) !== packageOf(edge.to) || from === to) return undefined
  if (row === undefined || allows(row, to, edge)) return undefined
  const atRunTime = row.types?.includes(to) ? ' at run time, where only its types are open to it' : ''
  return { what: `${packageOf(edge.from)}: ${from} imports ${to}${atRunTime}`, why: row.why }
}

function allows(row: Direction, to: string, edge: Edge): boolean {
  if (row.may.includes('*') || row.may.includes(to)) return true
  return edge.typeOnly && (row.types?.includes(to) ?? false)
}
