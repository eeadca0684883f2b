import { expect, test } from 'vitest'
import { findImports } from './imports/find-imports.ts'
import { findWorld } from './imports/find-world.ts'
import type { ImportRules } from './imports/import-rules.ts'
import { judgeImports } from './imports/judge-imports.ts'

const NAMES = { '@acme/words': 'words', daemon: 'daemon' }
const RULES: ImportRules = {
  packages: { words: { may: [], why: 'words stand alone' }, daemon: { may: ['words'], why: 'a daemon knows words only' } },
  parts: {
    daemon: {
      state: { may: [], why: 'state is the bottom' },
      plan: { may: [], types: ['state'], why: 'plans see types only' },
      main: { may: ['*'], why: '' },
      index: { may: [], why: '' },
    },
  },
  files: [{ file: /\.sql\.ts$/, onlyFrom: /\/main\.ts$/, why: 'stores are chosen in one place' }],
  shells: { 'packages/daemon/src/main.ts': 'reads argv' },
}

/** A repository without fault; each test breaks it in one place. */
const CLEAN: Readonly<Record<string, string>> = {
  'packages/words/src/index.ts': 'export const word = 1\n',
  'packages/daemon/src/index.ts': 'export const daemon = 1\n',
  'packages/daemon/src/state/state.ts': "import { word } from '@acme/words'\nexport const state = word\n",
  'packages/daemon/src/plan/plan.ts': "import type { State } from '../state/state.ts'\n",
  'packages/daemon/src/main.ts': "import process from 'node:process'\nimport { state } from './state/state.ts'\n",
}

function judge(changes: Readonly<Record<string, string | undefined>>, rules = RULES): string[] {
  const files = Object.entries({ ...CLEAN, ...changes }).flatMap(([path, text]) => (text === undefined ? [] : [{ path, text }]))
  return judgeImports({ files, names: NAMES }, rules).map(({ path, line, what, why }) => `${path}:${line} ${what} (${why})`)
}

test('a repository that keeps the rules has no breach', () => {
  expect(judge({})).toEqual([])
})

test('a forbidden package is named with the line and the reason', () => {
  expect(judge({ 'packages/words/src/index.ts': "\nimport { daemon } from 'daemon'\n" })).toEqual([
    'packages/words/src/index.ts:2 words imports daemon (words stand alone)',
  ])
})

test('a package is not entered by a path, even where its name may be imported', () => {
  const [breach] = judge({ 'packages/daemon/src/state/state.ts': "import { x } from '../../../words/src/index.ts'\n" })
  expect(breach).toContain('packages/daemon/src/state/state.ts:1 reaches into packages/words/src/index.ts by a path')
})

test('a forbidden part is named', () => {
  expect(judge({ 'packages/daemon/src/state/state.ts': "import type { Plan } from '../plan/plan.ts'\n" })).toEqual([
    'packages/daemon/src/state/state.ts:1 daemon: state imports plan (state is the bottom)',
  ])
})

test('where types are open, values are not', () => {
  const [breach] = judge({ 'packages/daemon/src/plan/plan.ts': "import { type State } from '../state/state.ts'\n" })
  expect(breach).toContain('plan imports state at run time, where only its types are open to it (plans see types only)')
})

test('a marked file is imported only from where it may be', () => {
  const files = {
    'packages/daemon/src/state/hosts.sql.ts': '',
    'packages/daemon/src/state/state.ts': "export * from './hosts.sql.ts'\n",
    'packages/daemon/src/main.ts': "import process from 'node:process'\nimport './state/hosts.sql.ts'\n",
  }
  expect(judge(files)).toEqual([
    'packages/daemon/src/state/state.ts:1 imports packages/daemon/src/state/hosts.sql.ts (stores are chosen in one place)',
  ])
})

test('a cycle at run time is told once, as the way round', () => {
  const breaches = judge({
    'packages/daemon/src/state/a.ts': "import { b } from './b.ts'\n",
    'packages/daemon/src/state/b.ts': "\nexport { a } from './a.ts'\n",
  })
  expect(breaches).toHaveLength(1)
  expect(breaches[0]).toContain(
    'packages/daemon/src/state/b.ts:2 closes a cycle: packages/daemon/src/state/a.ts → packages/daemon/src/state/b.ts → packages/daemon/src/state/a.ts',
  )
})

test('types may go round in a circle: they are gone at run time', () => {
  const files = {
    'packages/daemon/src/state/a.ts': "import { b } from './b.ts'\n",
    'packages/daemon/src/state/b.ts': "import type { A } from './a.ts'\n",
  }
  expect(judge(files)).toEqual([])
})

test('a file outside the list that touches the world is named, with what it touches', () => {
  const [breach, ...others] = judge({ 'packages/daemon/src/plan/now.ts': '// Date.now()\nexport const now = () => Date.now()\n' })
  expect(breach).toContain('packages/daemon/src/plan/now.ts:2 touches the clock (pure unless listed')
  expect(others).toEqual([])
})

test('a listed shell that is not there is named', () => {
  const rules = { ...RULES, shells: { ...RULES.shells, 'packages/daemon/src/gone.ts': 'was there once' } }
  expect(judge({}, rules)[0]).toContain('lists packages/daemon/src/gone.ts, which is not there')
})

test('a listed shell that touches nothing any more is named', () => {
  const rules = { ...RULES, shells: { ...RULES.shells, 'packages/daemon/src/plan/plan.ts': 'was a shell once' } }
  expect(judge({}, rules)[0]).toContain('lists packages/daemon/src/plan/plan.ts, which touches nothing any more')
})

test('a package and a part without a row are named: what has no row could import anything', () => {
  const breaches = judge({ 'packages/new/src/index.ts': '', 'packages/daemon/src/extra/extra.ts': '' })
  expect(breaches.map((each) => each.split(' (')[0])).toEqual([
    'packages/daemon/src/extra/extra.ts:1 part extra of daemon has no row in scripts/imports/directions.ts',
    'packages/new/src/index.ts:1 package new has no row in scripts/imports/directions.ts',
  ])
})

test('a row for what is gone is named', () => {
  expect(judge({ 'packages/daemon/src/plan/plan.ts': undefined })[0]).toContain(
    'has a row for part plan of daemon, which is not there',
  )
})

test('an import of a computed path is a breach: nobody can judge it', () => {
  expect(judge({ 'packages/daemon/src/state/state.ts': 'export const load = (name: string) => import(name)\n' })[0]).toContain(
    'packages/daemon/src/state/state.ts:1 imports a path that is computed',
  )
})

test('tests and contract suites are free, but nothing that ships may import them', () => {
  const free = "import { readFile } from 'node:fs'\nimport { daemon } from 'daemon'\n"
  expect(judge({ 'packages/words/src/index.test.ts': free, 'packages/words/src/store.contract.ts': free })).toEqual([])
  expect(
    judge({ 'packages/words/src/store.contract.ts': free, 'packages/words/src/index.ts': "import './store.contract.ts'\n" })[0],
  ).toContain('packages/words/src/index.ts:1 imports packages/words/src/store.contract.ts')
})

const IMPORTS: readonly (readonly [source: string, found: string])[] = [
  ["import x from './a.ts'", './a.ts'],
  ["import './a.ts'", './a.ts'],
  ["import * as x from './a.ts'", './a.ts'],
  ["import x, { y as z } from './a.ts'", './a.ts'],
  ["import {\n  a, // from './no.ts'\n  b,\n} from './a.ts'", './a.ts'],
  ["export * from './a.ts'", './a.ts'],
  ["export { a } from './a.ts'", './a.ts'],
  ["export type { A } from './a.ts'", './a.ts type'],
  ["import type { A } from './a.ts'", './a.ts type'],
  ["import type A from './a.ts'", './a.ts type'],
  ["import type, { a } from './a.ts'", './a.ts'],
  ["import { type A } from './a.ts'", './a.ts'],
  ["const a = await import('./a.ts')", './a.ts'],
  ["import a from './a.json' with { type: 'json' }", './a.json'],
]
test.each(IMPORTS)('%s is read as an import', (source, found) => {
  expect(findImports(source).map(({ specifier, typeOnly }) => `${specifier}${typeOnly ? ' type' : ''}`)).toEqual([found])
})

const NO_IMPORTS = [
  "// import './a.ts'",
  '"import \'./a.ts\'"',
  "export const from = './a.ts'",
  'const a = import.meta.url',
  "export { a }\nf('./a.ts')",
]
test.each(NO_IMPORTS)('%s is not', (source) => {
  expect(findImports(source)).toEqual([])
})

const WORLDLY: readonly (readonly [source: string, what: string])[] = [
  ["import { join } from 'node:path'", 'node:path'],
  ["import { openLog } from '@bootagent/runtime'", '@bootagent/runtime'],
  ["import { request } from 'undici'", 'undici'],
  ['const t = Date.now()', 'the clock'],
  ['const clock = { now: Date.now }', 'the clock'],
  ['const t = new Date()', 'the clock'],
  ['const t = performance.now()', 'the clock'],
  ['setTimeout(f, 10)', 'timers'],
  ['const later = setImmediate', 'timers'],
  ['AbortSignal.timeout(10)', 'a timer'],
  ['process.exit(1)', 'the process'],
  ['f(a, process, b)', 'the process'],
  ['const { env } = process', 'the process'],
  ['await fetch(url)', 'the network'],
  ['call({ url, fetch })', 'the network'],
  ['call(a, { fetch: fetch })', 'the network'],
  ['Math.random()', 'randomness'],
  ['crypto.randomUUID()', 'randomness'],
  ['console.log(1)', 'the terminal'],
  ['globalThis.fetch', 'globalThis'],
]
test.each(WORLDLY)('%s touches the world', (source, what) => {
  expect(findWorld(source)).toEqual([{ what, line: 1 }])
})

const PURE = [
  "import type { Stats } from 'node:fs'",
  "import { type Clock, jitter } from '@bootagent/runtime'",
  'const t = new Date(seconds * 1000)',
  'const t = Date.UTC(2026, 0, 1)',
  'const wait = clock.sleep(10)',
  'ports.fetch(url)',
  'interface Ports { fetch: (url: string) => void; process?: number }',
  'type Fetch = typeof fetch',
  'const table = { fetch(url: string) { return url } }',
  'function isOurs(process: Identity) { return process.pid === 1 }',
  'const process = find(1)\nprocess.pid',
  'function f({ host, process }: World) { return { host, process } }',
  'const { process } = world\nuse(process)',
  'host.performance',
]
test.each(PURE)('%s does not', (source) => {
  expect(findWorld(source)).toEqual([])
})
