import { join } from 'node:path'
import { build, type Plugin } from 'rolldown'
import type { BuildFacts } from './build-facts.ts'
import type { Program } from './programs.ts'

/** A program as texts of CommonJS: the one that is started, and those that are kept apart, by name. */
export interface Bundle {
  readonly main: string
  readonly apart: Readonly<Record<string, string>>
}

/** Puts everything that a program imports into one text, and what it keeps apart into others. */
export async function bundleProgram(root: string, program: Program, facts: BuildFacts): Promise<Bundle> {
  const modules = Object.entries(program.apart).map(([name, path]) => ({ name, path: join(root, path) }))
  const main = await bundleOne(join(root, program.entry), facts, modules)
  const texts = await Promise.all(modules.map(async ({ name, path }) => [name, await bundleOne(path, facts, [])] as const))
  return { main, apart: Object.fromEntries(texts) }
}

interface Module {
  readonly name: string
  readonly path: string
}

async function bundleOne(input: string, facts: BuildFacts, apart: readonly Module[]): Promise<string> {
  const { output } = await build({
    input,
    platform: 'node',
    logLevel: 'warn',
    // An executable has no main file: it is run again by its own path.
    transform: { define: { BOOTAGENT_BUILD: JSON.stringify(facts), 'import.meta.filename': 'undefined' } },
    plugins: [keepApart(apart)],
    // V8 keeps the text of a program as long as it runs, in two bytes a character where one is not of Latin-1.
    output: { format: 'cjs', minify: true, codeSplitting: false, charset: 'ascii' },
    write: false,
  })
  const [chunk, ...others] = output
  if (chunk?.type !== 'chunk' || others.length > 0) throw new Error(`${input} became more than one file`)
  return chunk.code
}

/** Where such a module is imported, a few lines take its place that read its text out of the executable and evaluate it. */
function keepApart(modules: readonly Module[]): Plugin {
  const nameOf = (path: string) => modules.find((each) => each.path === path)?.name
  return {
    name: 'keep-apart',
    async resolveId(source, importer, options) {
      if (importer === undefined) return undefined
      const resolved = await this.resolve(source, importer, { ...options, skipSelf: true })
      const name = resolved === null ? undefined : nameOf(resolved.id)
      return name === undefined ? undefined : `${PREFIX}${name}`
    },
    load: (id) => (id.startsWith(PREFIX) ? { code: loaderOf(id.slice(PREFIX.length)), moduleType: 'js' } : undefined),
  }
}

const PREFIX = '\0apart:'

function loaderOf(name: string): string {
  return `
import { createRequire } from 'node:module'
import { getAsset } from 'node:sea'
import { Script } from 'node:vm'
const text = getAsset(${JSON.stringify(name)}, 'utf8')
const loaded = { exports: {} }
new Script('(function (module, exports, require) {' + text + '\\n})', { filename: ${JSON.stringify(`${name}.cjs`)} })
  .runInThisContext()(loaded, loaded.exports, createRequire(process.execPath))
export const { runWorker } = loaded.exports
`
}
