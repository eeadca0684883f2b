import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import process from 'node:process'

/** A package on the bench. */
export interface LargePackage {
  readonly format: 'tar.gz' | 'tar.zst' | 'deb'
  /** Its file's name, in the directory that is served. */
  readonly file: string
  readonly bytes: number
  readonly sha256: string
  /** How the pipeline unpacks it from its standard input, into the directory `$1`. */
  readonly unpack: string
}

/** Files of the tree besides the large ones: what an agent with its libraries looks like. */
const SMALL_FILES = 2000

/**
 * Makes one tree in three kinds of package, each about 100 MB: programs (copies of Node, which pack as programs do) and small files. With
 * `quick` a tenth of that.
 */
export function makeLargePackages(directory: string, quick: boolean): LargePackage[] {
  const tree = `${directory}/tree`
  plantTree(tree, quick)
  const make = (command: string) =>
    execFileSync('bash', ['-c', `set -o pipefail; ${command}`], { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] })
  make('tar -C tree -cf - . | gzip -6 >large-1.0.0.tar.gz')
  make('tar -C tree -cf - . | zstd -q -6 -o large-1.0.0.tar.zst')
  mkdirSync(`${tree}/DEBIAN`)
  writeFileSync(
    `${tree}/DEBIAN/control`,
    'Package: large\nVersion: 1.0.0\nArchitecture: all\nMaintainer: bench <bench@localhost>\nDescription: bench\n',
  )
  // zstd is what makes dpkg-deb fastest to unpack, and so the hardest to keep up with.
  make('dpkg-deb --root-owner-group -Zzstd -z6 --build tree large_1.0.0_all.deb')
  return [
    packageOf(directory, 'tar.gz', 'large-1.0.0.tar.gz', 'tar -xz -C "$1"'),
    packageOf(directory, 'tar.zst', 'large-1.0.0.tar.zst', 'tar --zstd -x -C "$1"'),
    packageOf(directory, 'deb', 'large_1.0.0_all.deb', 'cat >"$1.deb" && dpkg-deb -x "$1.deb" "$1"'),
  ]
}

function plantTree(tree: string, quick: boolean): void {
  mkdirSync(`${tree}/bin`, { recursive: true })
  writeFileSync(`${tree}/large`, '#!/bin/sh\nexec sleep 1000000\n', { mode: 0o755 })
  const part = quick ? 12e6 : Number.POSITIVE_INFINITY
  // The same twice would pack to half: each copy begins a byte later in what gzip and zstd can see of it.
  for (const number of quick ? [1] : [1, 2]) {
    copyFileSync(process.execPath, `${tree}/bin/program-${number}`)
    const bytes = readFileSync(process.execPath).subarray(0, part)
    writeFileSync(
      `${tree}/bin/program-${number}`,
      bytes.map((byte, at) => (number === 2 && at % 97 === 0 ? byte ^ 1 : byte)),
    )
  }
  for (let number = 0; number < (quick ? SMALL_FILES / 10 : SMALL_FILES); number += 1) {
    const directory = `${tree}/lib/${Math.floor(number / 100)}`
    mkdirSync(directory, { recursive: true })
    const text = Array.from(
      { length: 120 },
      (_, line) => `export const field${line} = ${(number * 7919 + line * 104_729) % 999_983}\n`,
    )
    writeFileSync(`${directory}/module-${number}.js`, text.join(''))
  }
}

function packageOf(directory: string, format: LargePackage['format'], file: string, unpack: string): LargePackage {
  const path = `${directory}/${file}`
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
  return { format, file, bytes: statSync(path).size, sha256, unpack }
}
