import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A file of the repository: its path from the root, with slashes, and its text. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** The TypeScript files that the patterns name, sorted by path; `node_modules` is never entered. */
export function findSources(root: string, patterns: readonly string[]): SourceFile[] {
  const paths = globSync(patterns, { cwd: root, exclude: (path) => path === 'node_modules' || path.endsWith('/node_modules') })
  return paths.sort().map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}
