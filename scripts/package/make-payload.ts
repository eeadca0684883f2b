import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { changelogOf, copyrightOf, gzipped } from './documents.ts'
import { noticesOf } from './notices.ts'
import type { Payload, PayloadFile } from './payload.ts'
import type { Release } from './release.ts'

/** Puts together all that a package installs, sorted by path. */
export async function makePayload(
  root: string,
  release: Release,
  executables: Readonly<Record<string, string>>,
): Promise<Payload> {
  const { product } = release
  const doc = `/usr/share/doc/${product.plain}`
  const files: PayloadFile[] = [
    ...product.programFiles.map(({ program, path }) => ({ path, mode: 0o755, content: { copyOf: executables[program] ?? '' } })),
    ...product.sources.map(({ source, ...rest }) => ({ ...rest, content: readFileSync(join(root, source)) })),
    { path: `${doc}/copyright`, mode: 0o644, content: copyrightOf(release) },
    { path: `${doc}/changelog.Debian.gz`, mode: 0o644, content: gzipped(changelogOf(release)) },
    { path: `${doc}/third-party-notices.gz`, mode: 0o644, content: gzipped(noticesOf(root, product.workspace)) },
  ]
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), directories: product.directories }
}
