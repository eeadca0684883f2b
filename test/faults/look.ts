import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { fileSetId } from '../../packages/bootagent/src/state/file-sets.ts'
import {
  type AgentRecord,
  type Metafile,
  type MetafileReading,
  readMetafile,
} from '../../packages/bootagent/src/state/metafile-schema.ts'
import { treeOf } from '../../packages/bootagent/src/state/releases.ts'
import { lookAtProcesses } from './oracle.ts'
import { type Content, contentOf } from './packages.ts'

/** What one host's disk and /proc say. */
export interface HostFacts {
  /** How the metafile and the copy before it read: `ok`, `absent`, or why not. */
  readonly metafile: string
  readonly copy: string
  /** By the metafile: what each agent runs, and how. */
  readonly agents: Readonly<
    Record<
      string,
      {
        readonly release: string | null
        readonly tree: string | undefined
        readonly onTrial: boolean
        readonly envs: Readonly<Record<string, string>>
        /** Paths of its configuration files. */
        readonly files: readonly string[]
      }
    >
  >
  /** Releases on record that are not on the disk byte for byte. */
  readonly broken: readonly string[]
  /** What no record names: releases, and leftovers of work. */
  readonly strays: readonly string[]
  /** Where `current` of each agent leads. */
  readonly current: Readonly<Record<string, string>>
  /** Command lines of the agents' living programs. */
  readonly running: readonly string[]
  /** What the metafile has as the job's result; one for each record of it. */
  readonly results: readonly { readonly errcode: number; readonly message: string }[]
}

/** Looks at a host. A release is whole when it has just what its package has. */
export function lookAtHost(home: string, contents: ReadonlyMap<string, Content>, job: string): HostFacts {
  const reading = readOne(`${home}/metafile.json`)
  const metafile = typeof reading === 'object' && reading.kind === 'ok' ? reading.metafile : undefined
  return {
    metafile: describeReading(reading),
    copy: describeReading(readOne(`${home}/metafile.prev.json`)),
    agents: Object.fromEntries(Object.entries(metafile?.agents ?? {}).map(([name, agent]) => [name, factsOf(agent)])),
    broken: findBroken(home, metafile, contents),
    strays: [...findStrays(home, metafile), ...names(`${home}/tmp`)],
    current: Object.fromEntries(names(`${home}/agents`).flatMap((name) => linkOf(`${home}/agents/${name}/current`, name))),
    running: lookAtProcesses(home).map(({ command }) => command),
    results: resultsOf(metafile, job),
  }
}

function factsOf({ release, releases, trial }: AgentRecord): HostFacts['agents'][string] {
  const { envs = {}, files = {} } = releases[release ?? ''] ?? {}
  const tree = treeOf(releases, release ?? '')
  return { release, tree, onTrial: trial !== null, envs, files: Object.keys(files) }
}

/** Releases on record that are not on the disk byte for byte: what their package has, and their own files. */
export function findBroken(home: string, metafile: Metafile | undefined, contents: ReadonlyMap<string, Content>): string[] {
  return namedBy(metafile)
    .filter(({ name, tree, release: { version, files = {} } }) => {
      const own = `${home}/agents/${name}`
      const set = `${own}/files/${fileSetId(files)}`
      const isThere = Object.keys(files).length === 0 || (existsSync(set) && isSame(contentOf(set), files))
      return (
        !isThere ||
        !existsSync(`${own}/releases/${tree}`) ||
        !isSame(contentOf(`${own}/releases/${tree}`), contents.get(version) ?? {})
      )
    })
    .map(({ id }) => id)
}

function findStrays(home: string, metafile: Metafile | undefined): string[] {
  const known = new Set(
    namedBy(metafile).flatMap(({ name, tree, release }) => [
      `${name}/releases/${tree}`,
      `${name}/files/${fileSetId(release.files ?? {})}`,
    ]),
  )
  const found = names(`${home}/agents`).flatMap((name) =>
    ['releases', 'files'].flatMap((kind) => names(`${home}/agents/${name}/${kind}`).map((id) => `${name}/${kind}/${id}`)),
  )
  return found.filter((path) => !known.has(path))
}

function namedBy(metafile: Metafile | undefined) {
  return Object.entries(metafile?.agents ?? {}).flatMap(([name, { releases }]) =>
    Object.entries(releases).map(([id, release]) => ({ name, id, release, tree: release.tree ?? id })),
  )
}

function isSame(a: Content, b: Content): boolean {
  const sorted = (content: Content) =>
    JSON.stringify(Object.entries(content).toSorted(([left], [right]) => (left < right ? -1 : 1)))
  return sorted(a) === sorted(b)
}

function readOne(path: string): MetafileReading | 'absent' {
  return existsSync(path) ? readMetafile(readFileSync(path, 'utf8')) : 'absent'
}

function describeReading(reading: MetafileReading | 'absent'): string {
  if (reading === 'absent' || reading.kind === 'ok') return reading === 'absent' ? reading : 'ok'
  return reading.kind === 'newer' ? 'newer' : reading.why
}

function linkOf(path: string, name: string): [string, string][] {
  return names(path.slice(0, path.lastIndexOf('/'))).includes('current') ? [[name, readlinkSync(path)]] : []
}

function resultsOf(metafile: Metafile | undefined, job: string): HostFacts['results'] {
  return Object.values(metafile?.jobs ?? {})
    .filter((record) => record.job?.id === job)
    .flatMap(({ result }) => (result === undefined ? [] : [{ errcode: result.errcode, message: result.message ?? '' }]))
}

function names(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : []
}
