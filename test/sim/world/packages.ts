import { createHash } from 'node:crypto'
import type { Package } from '../../../packages/server/src/packages/package.ts'
import type { History } from '../history/deed.ts'
import { type Chance, openChance } from './chance.ts'

/** How a program of a release behaves, on every host and at every start. */
export type Temper =
  | { readonly kind: 'holds' }
  /** Before anybody can see that it runs. */
  | { readonly kind: 'ends at once'; readonly code: number }
  | { readonly kind: 'ends'; readonly after: number; readonly code: number }
  /** It has a health check and never passes it. */
  | { readonly kind: 'never ready' }
  | { readonly kind: 'ready late'; readonly after: number }
  /** It dies of no signal for so many seconds after the first. */
  | { readonly kind: 'clings'; readonly seconds: number }
  /** From its start on it is not to be interrupted for so many seconds. */
  | { readonly kind: 'busy'; readonly seconds: number }
  /** It takes its time after TERM. */
  | { readonly kind: 'ends slowly'; readonly seconds: number }

/** What is wrong with a package; most have nothing. */
export type Flaw = 'none' | 'other bytes' | 'unsafe' | 'no program'

/** One published package: its bytes, what comes of it when it is unpacked, and how its program behaves. */
export interface Cargo {
  readonly record: Package
  readonly bytes: Buffer
  /** What whoever asks for it is sent. */
  readonly sent: Buffer
  readonly flaw: Flaw
  readonly temper: Temper
  /** Path in the release ▸ content, of every file. */
  readonly tree: ReadonlyMap<string, string>
  /** Its program, as text. */
  readonly program: string
}

export const AGENTS = ['alpha', 'beta', 'gamma'] as const
export const VERSIONS = ['1.0', '2.0', '3.0', '4.0'] as const

/** Everything the fleet's server has to offer. */
export interface Warehouse {
  readonly all: readonly Cargo[]
  find(name: string, version: string): Cargo
  byUrl(url: string): Cargo | undefined
  byBytes(bytes: Buffer): Cargo | undefined
  byProgram(text: string): Cargo | undefined
  byDigest(digest: string): Cargo | undefined
}

export function stockWarehouse({ packages = {}, seed }: Pick<History, 'packages' | 'seed'>): Warehouse {
  const chance = openChance(seed, 'packages')
  const all = AGENTS.flatMap((name) => VERSIONS.map((version) => [name, version] as const)).map(([name, version], at) =>
    makeCargo({ name, version, position: at + 1 }, drawTraits(version, chance), packages[`${name} ${version}`]),
  )
  const by = (key: (cargo: Cargo) => string) => new Map(all.map((cargo) => [key(cargo), cargo]))
  const [digests, bytes, programs] = [
    by((each) => each.record.sha256),
    by(({ bytes }) => bytes.toString()),
    by((each) => each.program),
  ]
  return {
    all,
    find(name, version) {
      const found = all.find(({ record }) => record.name === name && record.version === version)
      if (found === undefined) throw new Error(`there is no package ${name} ${version}`)
      return found
    },
    byUrl: (url) => digests.get(/\/packages\/([0-9a-f]+)\//.exec(url)?.[1] ?? ''),
    byBytes: (found) => bytes.get(found.toString()),
    byProgram: (text) => programs.get(text),
    byDigest: (digest) => digests.get(digest),
  }
}

type Traits = Pick<Cargo, 'flaw' | 'temper'>

function drawTraits(version: string, chance: Chance): Traits {
  // The first version of each is sound: a fleet in which nothing can be installed has little to show.
  const flaw: Flaw = version !== '1.0' && chance.oneIn(8) ? chance.pick(['other bytes', 'unsafe', 'no program']) : 'none'
  return { flaw, temper: version === '1.0' && !chance.oneIn(4) ? { kind: 'holds' } : drawTemper(chance) }
}

function makeCargo(of: { name: string; version: string; position: number }, drawn: Traits, fixed: Partial<Traits> = {}): Cargo {
  const { name, version, position } = of
  const { flaw, temper } = { ...drawn, ...fixed }
  const program = `program ${name} ${version}\n`
  const path = flaw === 'no program' ? 'bin/something' : `bin/${name}`
  const health = temper.kind === 'never ready' || temper.kind === 'ready late'
  const manifest = `${JSON.stringify({ ...(flaw === 'no program' ? {} : { run: { exec: path } }), ...(health ? { health: { kind: 'file', startup: 20, period: 1 } } : {}) })}\n`
  const tree = new Map([
    ['agent.json', manifest],
    [path, program],
    ['share/notes', `notes on ${name} ${version}\n`],
  ])
  const bytes = Buffer.from(JSON.stringify({ name, version, tree: [...tree] }))
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const file = `${name}-${version}.tar.gz`
  const size = bytes.length
  const key = { name, version, os: 'linux', arch: 'any' }
  const record: Package = { ...key, format: 'tar.gz', file, size, sha256, published: 0, position }
  const sent = flaw === 'other bytes' ? Buffer.from(bytes.toString().replace('program', 'harmful')) : bytes
  return { record, bytes, sent, flaw, temper, tree, program }
}

function drawTemper(chance: Chance): Temper {
  switch (chance.whole(0, 12)) {
    case 0:
      return { kind: 'ends at once', code: chance.pick([1, 0, 3]) }
    case 1:
    case 2:
      return { kind: 'ends', after: chance.whole(1, 55), code: chance.pick([1, 0, 3]) }
    case 3:
      return { kind: 'ends', after: chance.whole(61, 1500), code: 1 }
    case 4:
      return { kind: 'never ready' }
    case 5:
      return { kind: 'ready late', after: chance.whole(1, 15) }
    case 6:
      return { kind: 'clings', seconds: chance.whole(20, 200) }
    case 7:
      return { kind: 'ends slowly', seconds: chance.whole(1, 50) }
    case 8:
      return { kind: 'busy', seconds: chance.whole(100, 2000) }
    default:
      return { kind: 'holds' }
  }
}
