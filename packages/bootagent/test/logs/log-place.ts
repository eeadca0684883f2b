import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { readSizes } from '../../src/logs/log-files.ts'
import { type Dropped, rotate } from '../../src/logs/rotate.ts'
import { type LogSettings, planRotation } from '../../src/logs/rotation.ts'
import { agentPaths, type Paths, pathsOf } from '../../src/state/paths.ts'

/** Four segments of 1,000 bytes. */
export const SMALL: LogSettings = { total: 4000, files: 4 }

/** A home in which agents have a log directory each, gone when the test is over. */
export function makeLogs(...names: string[]): { paths: Paths; directoryOf: (name: string) => string } {
  const home = mkdtempSync(join(tmpdir(), 'bootagent-logs-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const paths = pathsOf(home, `${home}/run`)
  const directoryOf = (name: string) => agentPaths(paths, name).log
  for (const name of names) mkdirSync(directoryOf(name), { recursive: true })
  return { paths, directoryOf }
}

/** The log directory of one agent, with what is in its files. */
export function makeLog(files: Readonly<Record<string, string>> = {}): string {
  const { directoryOf } = makeLogs('tiny')
  const directory = directoryOf('tiny')
  for (const [name, text] of Object.entries(files)) writeFileSync(`${directory}/${name}`, text)
  return directory
}

/** Looks, and does what is to be done. */
export async function rotateOnce(directory: string, settings: LogSettings = SMALL): Promise<readonly Dropped[]> {
  return rotate(directory, planRotation(await readSizes(directory), settings))
}

/** Every file of a log with what is in it; of what is no regular file, what it is. */
export function filesOf(directory: string): Record<string, string> {
  const entries = readdirSync(directory, { withFileTypes: true }).map((entry): [string, string] => {
    const path = `${directory}/${entry.name}`
    if (entry.isSymbolicLink()) return [entry.name, '(a link)']
    return [entry.name, entry.isFile() ? readFileSync(path, 'latin1') : '(something else)']
  })
  return Object.fromEntries(entries.toSorted(([a], [b]) => a.localeCompare(b)))
}

/** Bytes of all files, but for those named; one that is just being renamed counts once. */
export function bytesIn(directory: string, but: readonly string[] = []): number {
  const sizes = new Map<number, number>()
  for (const name of readdirSync(directory)) {
    if (but.includes(name)) continue
    const stat = lstatSync(`${directory}/${name}`, { throwIfNoEntry: false })
    if (stat !== undefined) sizes.set(stat.ino, stat.size)
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0)
}

/** `from`, `from` + 1 …, a line each of 10 bytes. */
export function numbered(count: number, from = 0): string {
  return Array.from({ length: count }, (_, at) => `${String(from + at).padStart(9, '0')}\n`).join('')
}
