import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import type { Fleet } from '../fleet.ts'

/** Every file of a tree: its bytes' digest, or what it points to. Two trees of one content are whole copies of each other. */
export type Content = Readonly<Record<string, string>>

/** The program of each version of `tiny`; the third does not hold. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  '1.0.0': 'exec sleep 1000000',
  '2.0.0': 'exec sleep 2000000',
  '3.0.0': 'sleep 0.2; exit 3',
}

/** Publishes every version of `tiny`, and answers what is in each. Small, with one of every thing that is unpacked. */
export async function publishAll(fleet: Fleet): Promise<ReadonlyMap<string, Content>> {
  const contents = new Map<string, Content>()
  for (const [version, body] of Object.entries(PROGRAMS)) {
    const tree = `${fleet.directory}/tiny-${version}`
    mkdirSync(`${tree}/lib`, { recursive: true })
    writeFileSync(`${tree}/tiny`, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
    writeFileSync(`${tree}/lib/data`, version.repeat(4000))
    symlinkSync('lib/data', `${tree}/data`)
    execFileSync('tar', ['-C', tree, '-czf', `${tree}.tar.gz`, 'tiny', 'lib', 'data'])
    await fleet.bootfleet('publish', `${tree}.tar.gz`, '--name', 'tiny', '--package-version', version)
    contents.set(version, contentOf(tree))
  }
  return contents
}

/** Throws like readdir when there is no such directory. */
export function contentOf(directory: string): Content {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = `${entry.parentPath}/${entry.name}`
    if (entry.isDirectory()) return []
    const what = entry.isSymbolicLink() ? `-> ${readlinkSync(path)}` : digestOf(readFileSync(path))
    return [[path.slice(directory.length + 1), what] as const]
  })
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
