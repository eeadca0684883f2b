import { describe, expect, test } from 'vitest'
import { DIGESTS, exampleAgent, exampleRelease, NEW, NEW_RELEASE, OLD, RELEASES } from '../../test/scenes/example-metafile.ts'
import { alike, canonical, differences, findRelease, freeId, keptReleases, treeOf } from './releases.ts'

const OTHERWISE = exampleRelease({ version: '2.0.0', digest: DIGESTS.new, tree: NEW, envs: { A: '1' } })
const BOTH = { ...RELEASES, [`${NEW}.2`]: OTHERWISE }

describe('releases of one package', () => {
  test('lie in one tree, which the first of them is named like', () => {
    expect([treeOf(BOTH, NEW), treeOf(BOTH, `${NEW}.2`), treeOf(BOTH, 'another')]).toEqual([NEW, NEW, undefined])
  })

  test('are told apart by their settings', () => {
    expect(findRelease(BOTH, NEW, { ...NEW_RELEASE })).toBe(NEW)
    expect(findRelease(BOTH, NEW, { ...NEW_RELEASE, envs: { A: '1' } })).toBe(`${NEW}.2`)
    expect(findRelease(BOTH, NEW, { ...NEW_RELEASE, envs: { A: '2' } })).toBeUndefined()
    expect(findRelease(BOTH, OLD, { ...NEW_RELEASE, envs: { A: '1' } })).toBeUndefined()
  })

  test('are numbered from 2 on, and no number is given twice while a later one is there', () => {
    const { [NEW]: _first, ...second } = BOTH
    expect([freeId({}, NEW), freeId(RELEASES, NEW), freeId(BOTH, NEW), freeId(second, NEW)]).toEqual([
      NEW,
      `${NEW}.2`,
      `${NEW}.3`,
      NEW,
    ])
  })
})

describe('two releases', () => {
  test('differ in the settings whose meaning is another, not in how they are written', () => {
    expect(differences(exampleRelease({ envs: { A: '1', B: '2' } }), exampleRelease({ envs: { B: '2', A: '1' } }))).toEqual([])
    expect(differences(exampleRelease({ envs: { A: '1' }, limits: { CPU: '1%' } }), exampleRelease())).toEqual(['envs', 'limits'])
  })

  test('are alike when what runs by the one can go on by the other: only limits differ', () => {
    const releases = { ...BOTH, limited: { ...OTHERWISE, limits: { memory: '20M' } } }
    expect(alike(releases, `${NEW}.2`, 'limited')).toBe(true)
    expect(alike(releases, NEW, `${NEW}.2`)).toBe(false)
    expect(alike(releases, OLD, NEW)).toBe(false)
    // Of one that is not on record any more nothing is known but its name.
    expect([alike(releases, 'gone', 'gone'), alike(releases, 'gone', NEW)]).toEqual([true, false])
  })
})

describe('an agent keeps', () => {
  const ids = Array.from({ length: 6 }, (_, index) => `${index}.0.0-0000000${index}`)
  const many = Object.fromEntries(ids.map((id) => [id, exampleRelease()]))

  test('what runs, what can be gone back to, and the latest other', () => {
    const kept = keptReleases(exampleAgent({ release: ids[2] ?? '', previous: ids[0] ?? '', releases: many }))
    expect(Object.keys(kept)).toEqual([ids[0], ids[2], ids[5]])
  })

  test('of each tree the latest settings, besides those that it needs', () => {
    const releases = {
      ...BOTH,
      [`${NEW}.3`]: { ...OTHERWISE, envs: { A: '3' } },
      [`${NEW}.4`]: { ...OTHERWISE, envs: { A: '4' } },
    }
    const kept = keptReleases(exampleAgent({ release: `${NEW}.4`, previous: `${NEW}.2`, releases }))
    expect(Object.keys(kept)).toEqual([OLD, `${NEW}.2`, `${NEW}.4`])
  })

  test('nothing that is not there', () => {
    expect(keptReleases(exampleAgent({ release: null, previous: 'gone', releases: {} }))).toEqual({})
  })
})

test('what has no value is written as if it were not there', () => {
  expect(canonical({ a: 1, b: undefined, c: [{ e: 1, d: undefined }] })).toBe('{"a":1,"c":[{"e":1}]}')
})
