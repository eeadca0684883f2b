import { mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { pointLinks } from '../../src/execute/links.ts'
import { exampleAgent, NEW, OLD, RELEASES } from '../scenes/example-metafile.ts'
import { agentPaths, type Paths } from '../../src/state/paths.ts'
import { scratchHome } from '../state/scratch-home.ts'

/** A host with two releases of the agent unpacked. */
async function host() {
  const paths = await scratchHome()
  const own = agentPaths(paths, 'metrics')
  for (const release of [OLD, NEW]) {
    mkdirSync(`${own.releases}/${release}`, { recursive: true })
    writeFileSync(`${own.releases}/${release}/which`, release)
  }
  return { paths, own }
}

const linksIn = (paths: Paths) => {
  const { root } = agentPaths(paths, 'metrics')
  return Object.fromEntries(
    readdirSync(root).flatMap((name) => (name === 'releases' ? [] : [[name, readlinkSync(`${root}/${name}`)]])),
  )
}

const AT_OLD = exampleAgent({ releases: RELEASES })
const AT_NEW = exampleAgent({ release: NEW, previous: OLD, releases: RELEASES })

describe('the links', () => {
  test('say what the metafile says, and lead there', async () => {
    const { paths, own } = await host()
    await pointLinks(paths, 'metrics', AT_NEW)
    expect(linksIn(paths)).toEqual({ current: `releases/${NEW}`, previous: `releases/${OLD}` })
    expect(readFileSync(`${own.current}/which`, 'utf8')).toBe(NEW)
  })

  test('follow it to another release, and back', async () => {
    const { paths } = await host()
    await pointLinks(paths, 'metrics', AT_OLD)
    expect(linksIn(paths)).toEqual({ current: `releases/${OLD}` })
    await pointLinks(paths, 'metrics', AT_NEW)
    await pointLinks(paths, 'metrics', AT_OLD)
    expect(linksIn(paths)).toEqual({ current: `releases/${OLD}` })
  })

  test('are gone with the agent', async () => {
    const { paths } = await host()
    await pointLinks(paths, 'metrics', AT_NEW)
    await pointLinks(paths, 'metrics', undefined)
    expect(linksIn(paths)).toEqual({})
  })

  // After a crash in the middle the same is asked for again.
  test('are put right from whatever a crash has left', async () => {
    const { paths, own } = await host()
    symlinkSync('releases/gone', own.current)
    symlinkSync('half done', `${own.current}.new`)
    await pointLinks(paths, 'metrics', AT_NEW)
    expect(linksIn(paths)).toEqual({ current: `releases/${NEW}`, previous: `releases/${OLD}` })
  })

  test('of an agent that was never unpacked are none', async () => {
    const paths = await scratchHome()
    await pointLinks(paths, 'metrics', undefined)
    expect(readdirSync(paths.agents)).toEqual([])
  })
})

test('what somebody has put in a link’s place is not deleted', async () => {
  const { paths, own } = await host()
  writeFileSync(own.current, 'somebody’s own')
  await expect(pointLinks(paths, 'metrics', AT_NEW)).rejects.toMatchObject({ code: 'disk-error', cause: { code: 'EINVAL' } })
  expect(readFileSync(own.current, 'utf8')).toBe('somebody’s own')
})
