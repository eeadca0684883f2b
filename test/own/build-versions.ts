import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '../..')

/** Builds a BootAgent of that version; answers its path. */
export async function buildVersion(version: string, directory: string): Promise<string> {
  const args = ['scripts/build.ts', '--only', 'bootagent', '--build-version', version, '--out', directory, '--json']
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT })
  return (JSON.parse(stdout) as { made: { path: string }[] }).made[0]?.path ?? ''
}

/** A package as it is installed on a host, of an executable that is given, or of a few lines of sh. */
export function packVersion(
  version: string,
  executable: { readonly path: string } | { readonly script: string },
  below: string,
): string {
  const tree = join(below, `tree-${version}`)
  const place = join(tree, 'usr/lib/bootagent')
  mkdirSync(place, { recursive: true })
  if ('path' in executable) copyFileSync(executable.path, join(place, 'bootagent'))
  else writeFileSync(join(place, 'bootagent'), `#!/bin/sh\n${executable.script}\n`)
  chmodSync(join(place, 'bootagent'), 0o755)
  const file = join(below, `BootAgent-${version}-1.x86_64.tar.gz`)
  execFileSync('tar', ['-C', tree, '-I', 'gzip -1', '-cf', file, '.'])
  return file
}
