import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROGRAMS } from '../build/programs.ts'
import { bashCompletion, bashCompletionPath } from './bash-completion.ts'
import { changelogOf, copyrightOf, gzipped } from './documents.ts'
import { manPage } from './man-page.ts'
import { noticesOf } from './notices.ts'
import type { Payload, PayloadFile } from './payload.ts'
import { PRODUCTS, type Product } from './products.ts'
import { type CommandLine, readCommandLine } from './read-help.ts'
import type { Format, Release } from './release.ts'
import { zshCompletion, zshCompletionPath } from './zsh-completion.ts'

/** What the packages of one product have in common, whatever their kind. */
export interface Parts {
  /** Paths of the executables, by program. */
  readonly executables: Readonly<Record<string, string>>
  readonly commandLines: readonly CommandLine[]
}

/** Asks the programs of a product what they understand, for the completions. */
export function readCommandLines(root: string, product: Product): Promise<CommandLine[]> {
  const programs = PROGRAMS.filter(({ name }) => product.programs.includes(name))
  return Promise.all(programs.map(({ name, entry }) => readCommandLine(root, name, entry)))
}

/** Puts together all that one package installs, sorted by path. */
export function makePayload(root: string, release: Release, { executables, commandLines }: Parts): (format: Format) => Payload {
  const { product } = release
  const doc = `/usr/share/doc/${product.plain}`
  const same: PayloadFile[] = [
    ...product.programFiles.map(({ program, path }) => ({ path, mode: 0o755, content: { copyOf: executables[program] ?? '' } })),
    ...product.sources.map(({ source, ...rest }) => ({ ...rest, content: readFileSync(join(root, source)) })),
    ...manuals(root, release),
    ...commandLines.map((line) => text(bashCompletionPath(line.program), bashCompletion(line))),
    text(`${doc}/copyright`, copyrightOf(release)),
    text(`${doc}/changelog.Debian.gz`, gzipped(changelogOf(release))),
    text(`${doc}/third-party-notices.gz`, gzipped(noticesOf(root, product.workspace))),
  ]
  return (format) => {
    const zsh = commandLines.map((line) => text(zshCompletionPath(line.program, format), zshCompletion(line)))
    const ofDebian = format === 'deb' ? [lintianOverrides(root, product)] : []
    return { files: [...same, ...zsh, ...ofDebian].sort((a, b) => (a.path < b.path ? -1 : 1)), directories: product.directories }
  }
}

function manuals(root: string, { product, version, epoch }: Release): PayloadFile[] {
  const pages = PRODUCTS.flatMap((each) => each.manuals).map(({ program, section }) => `${program}(${section})`)
  return product.manuals.map((manual) => {
    const { program, section } = manual
    const markdown = readFileSync(join(root, 'docs/programs', `${program}.md`), 'utf8')
    const seeAlso = pages.filter((page) => page !== `${program}(${section})`)
    const page = manPage(markdown, { ...manual, source: `${product.name} ${version}`, epoch, seeAlso })
    return text(`/usr/share/man/man${section}/${program}.${section}.gz`, gzipped(page))
  })
}

function lintianOverrides(root: string, { plain }: Product): PayloadFile {
  const overrides = readFileSync(join(root, 'contrib/packages', plain, 'lintian-overrides'), 'utf8')
  return text(`/usr/share/lintian/overrides/${plain}`, overrides)
}

function text(path: string, content: string | Buffer): PayloadFile {
  return { path, mode: 0o644, content }
}
