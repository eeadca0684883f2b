import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { type Ending, runProgram } from '@bootagent/runtime/testing'
import type { Finding } from '../../src/local/check/finding.ts'
import type { Metafile } from '../../src/state/metafile-schema.ts'
import { type Paths, pathsOf } from '../../src/state/paths.ts'
import { exampleMetafile } from '../scenes/example-metafile.ts'
import { scratch } from '../state/scratch-home.ts'

const MAIN = join(import.meta.dirname, '../../src/main.ts')

/** A host that can be tested: directories, and files that a test may break. */
export interface TestedHost {
  readonly root: string
  readonly paths: Paths
  readonly config: string
  /** What is typed to test it. */
  command(...args: string[]): [string, ...string[]]
}

/** What `-T` came to, by the checks. */
export interface Tested {
  readonly code: number | null
  readonly findings: readonly Finding[]
  /** The lines of one check: `FAIL what was found; what to do`. */
  of(check: string): string[]
}

/** A host with its home made; with a metafile, and what its local configuration says, where a test gives one. */
export function createTestedHost(metafile?: Partial<Metafile>, config: object = {}): TestedHost {
  const root = scratch()
  const paths = pathsOf(join(root, 'home'), join(root, 'run'))
  for (const directory of [paths.home, paths.run, paths.tmp, paths.packages, paths.agents]) mkdirSync(directory, { mode: 0o700 })
  const file = join(root, 'config.json')
  writeFileSync(file, JSON.stringify(config))
  if (metafile !== undefined) writeFileSync(paths.metafile, JSON.stringify(exampleMetafile(metafile)), { mode: 0o600 })
  return {
    root,
    paths,
    config: file,
    command: (...args) => [process.execPath, MAIN, '-T', '--home', paths.home, '--run', paths.run, '-c', file, ...args],
  }
}

/** Has the real program test the host; what it says on standard error would be a fault. */
export async function testHost(host: TestedHost, ...args: string[]): Promise<Tested> {
  return read(await runProgram(host.command('--json', ...args)))
}

/** The same in a mount namespace of its own, in which a story is told before. */
export async function testHostInside(host: TestedHost, story: string, ...args: string[]): Promise<Tested> {
  return read(await runProgram(['unshare', '-m', 'sh', '-ec', `${story}; exec "$@"`, 'sh', ...host.command('--json', ...args)]))
}

function read({ code, stdout, stderr }: Ending): Tested {
  if (stderr !== '') throw new Error(stderr)
  const { findings, success } = JSON.parse(stdout) as { success: boolean; findings: Finding[] }
  if (success !== (code === 0)) throw new Error(`success is ${success}, and the exit code ${code}`)
  return { code, findings, of: (check) => findings.filter((each) => each.check === check).map(show) }
}

function show({ verdict, subject, text, advice }: Finding): string {
  return `${verdict} ${subject === undefined ? '' : `${subject}: `}${text}${advice === undefined ? '' : `; ${advice}`}`
}
