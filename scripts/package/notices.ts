import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

/**
 * The terms of everything that is inside the executables of these workspace packages: Node's own, and those of every package from the
 * registry that they depend on, by name. Throws when one has none.
 */
export function noticesOf(root: string, packages: readonly string[]): string {
  const found = new Map<string, string>()
  for (const name of packages) collect(join(root, 'packages', name), found)
  const node = readFileSync(join(root, `node_modules/node-linux-${process.arch}/LICENSE`), 'utf8')
  const parts = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([title, text]) => section(title, text))
  return [section(`Node.js ${process.version}`, node), ...parts].join('\n')
}

function collect(directory: string, found: Map<string, string>): void {
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest
  for (const dependency of Object.keys(manifest.dependencies ?? {})) {
    // pnpm puts the packages that one depends on beside it, or into its own node_modules where it is of the workspace.
    const path = resolveFrom(directory, dependency)
    const its = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Manifest
    const title = `${its.name} ${its.version}`
    if (found.has(title)) continue
    found.set(title, path.includes('/node_modules/') ? termsOf(path, its) : '')
    collect(path, found)
    if (found.get(title) === '') found.delete(title)
  }
}

function resolveFrom(directory: string, dependency: string): string {
  for (let at = directory; ; at = join(at, '..')) {
    const path = join(at, 'node_modules', dependency)
    try {
      return realpathSync(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || at === '/') throw error
    }
  }
}

function termsOf(path: string, { name, license }: Manifest): string {
  const file = readdirSync(path).find((each) => /^(?:licen[cs]e|copying)(?:\.(?:md|txt))?$/i.test(each))
  if (file !== undefined) return readFileSync(join(path, file), 'utf8')
  if (license === undefined) throw new Error(`${name} says nothing of its terms, and is inside our executables`)
  return `License: ${license}\n`
}

function section(title: string, text: string): string {
  return `${'='.repeat(78)}\n${title}\n${'='.repeat(78)}\n\n${text.trim()}\n`
}
