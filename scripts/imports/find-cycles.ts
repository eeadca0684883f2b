import type { Breach, Edge } from './import-rules.ts'

/** Every way round in what files import from each other at run time, each told once, at the import that closes it. */
export function findCycles(edges: readonly Edge[]): Breach[] {
  const runtime = edges.filter((edge) => !edge.typeOnly)
  const from = Map.groupBy(runtime, (edge) => edge.from)
  const done = new Set<string>()
  const way: string[] = []
  const breaches: Breach[] = []

  function visit(path: string): void {
    way.push(path)
    for (const edge of from.get(path) ?? []) {
      const at = way.indexOf(edge.to)
      if (at >= 0) breaches.push(cycle(edge, way.slice(at)))
      else if (!done.has(edge.to)) visit(edge.to)
    }
    way.pop()
    done.add(path)
  }

  for (const path of from.keys()) if (!done.has(path)) visit(path)
  return breaches
}

function cycle(edge: Edge, way: readonly string[]): Breach {
  return {
    path: edge.from,
    line: edge.line,
    what: `closes a cycle: ${[...way, edge.to].join(' → ')}`,
    why: 'files that need each other to load are one file, or one of them knows too much',
  }
}
