import type { SourceFile } from '../source/find-sources.ts'
import { dirname, join } from 'node:path/posix'
import { findCycles } from './find-cycles.ts'
import { findImports } from './find-imports.ts'
import type { Breach, Edge, ImportRules } from './import-rules.ts'
import { isTest, judgeEdge } from './judge-edge.ts'
import { judgeRows } from './judge-rows.ts'
import { judgeShells } from './judge-shells.ts'

/** The repository as the judge is given it. */
export interface Sources {
  /** Everything the rules hold for: packages/<folder>/src. */
  readonly files: readonly SourceFile[]
  /** Package name to folder under packages/, from each package.json. */
  readonly names: Readonly<Record<string, string>>
}

/** Judges every file by every rule; an empty list is a clean repository. Pure. */
export function judgeImports(sources: Sources, rules: ImportRules): Breach[] {
  // Tests and contract suites are free: they may use anything, and touch the world.
  const product = sources.files.filter(({ path }) => !isTest(path))
  const { edges, computed } = findEdges(product, sources.names)
  const breaches = [
    ...judgeRows(product, rules),
    ...judgeShells(product, rules.shells),
    ...computed,
    ...edges.flatMap((edge) => judgeEdge(edge, rules)),
    ...findCycles(edges),
  ]
  return breaches.sort((a, b) => a.path.localeCompare(b.path) || a.line - b.line)
}

function findEdges(product: readonly SourceFile[], names: Sources['names']): { edges: Edge[]; computed: Breach[] } {
  const edges: Edge[] = []
  const computed: Breach[] = []
  for (const { path, text } of product) {
    for (const { specifier, line, typeOnly } of findImports(text)) {
      if (specifier === undefined) computed.push({ path, line, ...COMPUTED })
      const to = specifier === undefined ? undefined : resolve(path, specifier, names)
      if (to !== undefined) edges.push({ from: path, to, line, typeOnly, relative: specifier?.startsWith('.') ?? false })
    }
  }
  return { edges, computed }
}

const COMPUTED = { what: 'imports a path that is computed', why: 'what cannot be read cannot be judged: write the path out' }

/** The path a specifier leads to; a package of ours is its src/index.ts, `name/testing` its src/testing/index.ts. Undefined for what is no source of ours. */
function resolve(from: string, specifier: string, names: Sources['names']): string | undefined {
  if (specifier.startsWith('.')) return /\.tsx?$/.test(specifier) ? join(dirname(from), specifier) : undefined
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? ''
  const folder = Object.hasOwn(names, name) ? names[name] : undefined
  return folder === undefined ? undefined : join('packages', folder, 'src', specifier.slice(name.length), 'index.ts')
}
