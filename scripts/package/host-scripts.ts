import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Product } from './products.ts'
import type { Format } from './release.ts'

/** The scripts that a package of one kind runs on hosts, by name. What several have in common is put in where they say `# include FILE`. */
export function hostScripts(root: string, product: Product, format: Format): Readonly<Record<string, string>> {
  const packages = join(root, 'contrib/packages')
  const included = {
    'common.sh': readFileSync(join(packages, product.plain, 'common.sh'), 'utf8'),
    'files.sh': readFileSync(join(packages, 'files.sh'), 'utf8'),
  }
  const own = join(packages, product.plain, format === 'tar.gz' ? 'tar' : format)
  return Object.fromEntries(readdirSync(own).map((name) => [name, include(readFileSync(join(own, name), 'utf8'), included)]))
}

function include(text: string, included: Readonly<Record<string, string>>): string {
  return Object.entries(included).reduce((whole, [name, part]) => whole.replace(`# include ${name}\n`, () => part), text)
}
