import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import process from 'node:process'
import { FILES, PACKAGES, PARTS } from './imports/directions.ts'
import type { Breach } from './imports/import-rules.ts'
import { judgeImports } from './imports/judge-imports.ts'
import { SHELLS } from './imports/shells.ts'
import { findSources } from './source/find-sources.ts'

/**
 * Checks what files import and touch: the directions of imports/directions.ts, no cycle at run time, and no contact with
 * the world outside the list of imports/shells.ts. Prints each breach with its reason; exit code 1 when there is one.
 */
const root = dirname(import.meta.dirname)
const breaches = judgeImports(
  { files: findSources(root, ['packages/*/src/**/*.{ts,tsx}']), names: packageNames() },
  { packages: PACKAGES, parts: PARTS, files: FILES, shells: SHELLS },
)
for (const breach of breaches) process.stdout.write(`${describe(breach)}\n`)
process.exitCode = breaches.length === 0 ? 0 : 1

function packageNames(): Record<string, string> {
  const manifests = globSync('packages/*/package.json', { cwd: root })
  return Object.fromEntries(manifests.map((path) => [nameIn(join(root, path)), basename(dirname(path))]))
}

function nameIn(path: string): string {
  return (JSON.parse(readFileSync(path, 'utf8')) as { name: string }).name
}

function describe({ path, line, what, why }: Breach): string {
  return `${path}:${line} ${what}\n    ${why}`
}
