import { execFileSync } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import type { BuildFacts } from '../build/build-facts.ts'
import type { Arch } from '../build/node-binary.ts'
import { Refusal } from './refusal.ts'

/** What is to be packaged. */
export interface Wanted {
  /** The directory `npm run build` has filled. */
  readonly dist: string
  readonly programs: readonly string[]
  readonly version: string
  readonly arch: Arch
}

/** Executables by program, and what is inside them. */
export interface Built {
  readonly facts: BuildFacts
  readonly executables: Readonly<Record<string, string>>
}

/**
 * Finds the executables of one version, and has them say which they are wherever this machine can run them. Throws {@link Refusal} with the
 * command to type when there is no build, or another one.
 */
export function readBuilt(wanted: Wanted): Built {
  const { dist, programs, version, arch } = wanted
  const facts = readFacts(wanted)
  if (facts.version !== version) {
    throw new Refusal(
      `${dist} holds a build of version ${facts.version}, and a package of ${version} was asked for. ` +
        `Ask for ${facts.version}, or build that version: ${buildCommand(wanted)}`,
    )
  }
  const executables = Object.fromEntries(programs.map((name) => [name, join(dist, `${name}-${version}-linux-${arch}`)]))
  for (const [program, path] of Object.entries(executables)) {
    if (!isExecutable(path)) throw new Refusal(`${path} is not there. Build it: ${buildCommand(wanted)}`)
    if (arch === process.arch) compare(program, path, { facts, wanted })
  }
  return { facts, executables }
}

function readFacts(wanted: Wanted): BuildFacts {
  try {
    return JSON.parse(readFileSync(join(wanted.dist, 'build.json'), 'utf8')) as BuildFacts
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new Refusal(`nothing was built into ${wanted.dist} yet. Build it: ${buildCommand(wanted)}`, { cause: error })
  }
}

/** build.json tells of the last build only; an executable of an earlier one may lie beside. */
function compare(program: string, path: string, { facts, wanted }: { facts: BuildFacts; wanted: Wanted }): void {
  const said = execFileSync(path, ['-V'], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin' } }).trim()
  const words = said.split(/[\s(),]+/)
  if (words.includes(facts.version) && (!words.includes('commit') || words.includes(facts.commit))) return
  throw new Refusal(
    `${program} is of another build than ${wanted.dist}/build.json tells, version ${facts.version}, commit ${facts.commit}: ` +
      `it says "${said}". Build it again: ${buildCommand(wanted)}`,
  )
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

function buildCommand({ programs, version, arch }: Wanted): string {
  const foreign = arch === process.arch ? '' : ` --arch ${arch}`
  const servers = programs.includes('bootagent') ? ' [-S SERVERS]' : ''
  return `npm run build -- --only ${programs.join(',')} --build-version ${version}${foreign}${servers}`
}
