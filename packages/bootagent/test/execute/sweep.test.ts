import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sweep } from '../../src/execute/sweep.ts'
import { exampleAgent, exampleJob, exampleMetafile, exampleRelease } from '../scenes/example-metafile.ts'
import { workOf } from './work-of.ts'

const ALL = { bytes: 1000, count: 100 }
const NONE = new Map<string, string>()
const digest = (letter: string) => letter.repeat(64)

/** A host with these files in `packages/`, each of 10 bytes and used later than the one before it. */
function hostWith(names: readonly string[]) {
  const { paths } = workOf()
  mkdirSync(paths.agents)
  for (const [index, name] of names.entries()) {
    writeFileSync(`${paths.packages}/${name}`, '0123456789')
    utimesSync(`${paths.packages}/${name}`, index, index)
  }
  return { paths, left: () => readdirSync(paths.packages).toSorted() }
}

const waitingFor = (letter: string) =>
  exampleJob({ job: { id: 'j-1', action: 'install', name: 'metrics', checksum: `sha256:${digest(letter).toUpperCase()}` } })

test('what is on its way stays while a job waits for it, and goes when none does', async () => {
  const names = ['a', 'b'].flatMap((letter) => [`${digest(letter)}.part`, `${digest(letter)}.source`])
  const { paths, left } = hostWith(names)
  await sweep(paths, exampleMetafile({ jobs: { one: waitingFor('a') } }), { running: NONE, keep: ALL })
  expect(left()).toEqual(names.slice(0, 2))
  await sweep(paths, exampleMetafile({ jobs: { one: { ...waitingFor('a'), state: 'done' } } }), { running: NONE, keep: ALL })
  expect(left()).toEqual([])
})

test('packages stay within what may be kept, the ones used last first, and what is no package goes', async () => {
  const { paths, left } = hostWith([digest('c'), digest('a'), digest('b'), 'stray', 'f'.repeat(128)])
  await sweep(paths, exampleMetafile(), { running: NONE, keep: { bytes: 30, count: 100 } })
  expect(left()).toEqual([digest('a'), digest('b'), 'f'.repeat(128)])
  await sweep(paths, exampleMetafile(), { running: NONE, keep: { bytes: 30, count: 1 } })
  expect(left()).toEqual(['f'.repeat(128)])
})

test('a package that a release or a job needs stays, whatever may be kept', async () => {
  const { paths, left } = hostWith([digest('a'), digest('b'), digest('c')])
  const agents = { metrics: exampleAgent({ releases: { one: exampleRelease({ digest: digest('b') }) } }) }
  await sweep(paths, exampleMetafile({ agents, jobs: { one: waitingFor('a') } }), { running: NONE, keep: { bytes: 0, count: 0 } })
  expect(left()).toEqual([digest('a'), digest('b')])
})
