import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { RuntimeError } from '@bootagent/runtime'
import { describe, expect, test } from 'vitest'
import { findChanges } from '../../src/execute/find-changes.ts'
import { noteChanges } from '../../src/execute/steps/note-changes.ts'
import { sealTree } from '../../src/execute/seal-tree.ts'
import { fileSetId, hashFiles } from '../../src/state/file-sets.ts'
import { type AgentPaths, agentPaths, pathsOf } from '../../src/state/paths.ts'
import type { Releases } from '../../src/state/releases.ts'
import { exampleAgent, exampleMetafile, exampleRelease, OLD } from '../scenes/example-metafile.ts'
import { scratch } from '../state/scratch-home.ts'
import { workOf } from './work-of.ts'

const FILES = { 'etc/metrics.conf': 'interval 60' }
const SET = fileSetId(hashFiles(FILES))
const UNCHANGED = { count: 0, some: [], partly: false }
const NEVER = new AbortController().signal

/** An agent with one release, sealed as an install does it, and one configuration file. */
interface Installed {
  readonly own: AgentPaths
  readonly tree: string
  readonly set: string
  readonly releases: Releases
}

async function install(): Promise<Installed> {
  const home = scratch()
  const own = agentPaths(pathsOf(home, join(home, 'run')), 'metrics')
  const [tree, set] = [join(own.releases, OLD), join(own.files, SET)]
  mkdirSync(join(home, 'unpacked/bin'), { recursive: true })
  writeFileSync(join(home, 'unpacked/bin/metrics'), '#!/bin/sh')
  writeFileSync(join(home, 'unpacked/x.conf'), 'a = 1')
  symlinkSync('x.conf', join(home, 'unpacked/link'))
  const written = await sealTree(join(home, 'unpacked'))
  if (written === undefined) throw new Error('nothing was written')
  mkdirSync(own.releases, { recursive: true })
  renameSync(join(home, 'unpacked'), tree)
  mkdirSync(join(set, 'etc'), { recursive: true })
  writeFileSync(join(set, 'etc/metrics.conf'), FILES['etc/metrics.conf'])
  return { own, tree, set, releases: { [OLD]: exampleRelease({ written, files: hashFiles(FILES) }) } }
}

function changesOf({ own, releases }: Installed, most?: number) {
  return findChanges(own, releases, NEVER, most)
}

/** As an editor does it an hour later. */
function edit(path: string): void {
  writeFileSync(path, 'a = 2')
  const later = Date.now() / 1000 + 3600
  utimesSync(path, later, later)
}

describe('nothing is found changed', () => {
  test('in what lies as it was installed', async () => {
    expect(await changesOf(await install())).toEqual(UNCHANGED)
  })

  // None of it changes what is in a file, and some of it BootAgent and backups do themselves.
  test('where rights, names of the whole and second names were changed', async () => {
    const agent = await install()
    chmodSync(join(agent.tree, 'x.conf'), 0o600)
    linkSync(join(agent.tree, 'x.conf'), join(agent.own.root, 'second'))
    renameSync(agent.tree, `${agent.tree}.aside`)
    renameSync(`${agent.tree}.aside`, agent.tree)
    expect(await changesOf(agent)).toEqual(UNCHANGED)
  })

  test('in a home that was restored from an archive', async () => {
    const agent = await install()
    const archive = join(scratch(), 'home.tar')
    execFileSync('tar', ['-C', agent.own.root, '--format=ustar', '-cf', archive, '.'])
    rmSync(agent.own.root, { recursive: true })
    mkdirSync(agent.own.root)
    execFileSync('tar', ['-C', agent.own.root, '-xf', archive])
    expect(await changesOf(agent)).toEqual(UNCHANGED)
  })

  // A release that is only on record holds nothing that could be lost.
  test('where nothing is left', async () => {
    const agent = await install()
    rmSync(agent.own.root, { recursive: true })
    expect(await changesOf(agent)).toEqual(UNCHANGED)
  })
})

describe('is found, and named', () => {
  test('what was edited, and what was added', async () => {
    const agent = await install()
    edit(join(agent.tree, 'x.conf'))
    mkdirSync(join(agent.tree, 'more'))
    edit(join(agent.tree, 'more/notes'))
    const { count, some, partly } = await changesOf(agent)
    expect([count, partly]).toEqual([2, false])
    expect(some.toSorted()).toEqual([`"releases/${OLD}/more/notes"`, `"releases/${OLD}/x.conf"`])
  })

  test('what was put in the place of another, however old it is', async () => {
    const agent = await install()
    const old = join(scratch(), 'old')
    writeFileSync(old, '')
    utimesSync(old, 1, 1)
    cpSync(old, join(agent.tree, 'x.conf'), { preserveTimestamps: true })
    expect(await changesOf(agent)).toMatchObject({ count: 1, some: [`"releases/${OLD}/x.conf"`] })
  })

  test('a configuration file that has other bytes, also at the old time, and one that no job brought', async () => {
    const agent = await install()
    writeFileSync(join(agent.set, 'etc/metrics.conf'), 'interval 10')
    utimesSync(join(agent.set, 'etc/metrics.conf'), 1, 1)
    writeFileSync(join(agent.set, 'mine.conf'), '')
    const { count, some } = await changesOf(agent)
    expect([count, some.toSorted()]).toEqual([2, [`"files/${SET}/etc/metrics.conf"`, `"files/${SET}/mine.conf"`]])
  })

  test('by a name that no terminal obeys', async () => {
    const agent = await install()
    edit(join(agent.tree, '\u001b[2Jx'))
    expect(await changesOf(agent)).toMatchObject({ some: [`"releases/${OLD}/\\u001b[2Jx"`] })
  })

  test('of many some, and their number', async () => {
    const agent = await install()
    for (let n = 0; n < 40; n += 1) edit(join(agent.tree, `added-${n}`))
    const { count, some } = await changesOf(agent)
    expect([count, some.length]).toEqual([40, 5])
  })
})

describe('that not all was seen is said', () => {
  test('where there is more than is looked at', async () => {
    expect(await changesOf(await install(), 4)).toEqual({ ...UNCHANGED, partly: true })
  })

  test('where a name cannot be read', async () => {
    const agent = await install()
    writeFileSync(Buffer.from(`${agent.tree}/\u00ff`, 'latin1'), '')
    expect(await changesOf(agent)).toEqual({ ...UNCHANGED, partly: true })
  })

  test('of a release that was unpacked before such times were noted', async () => {
    const agent = await install()
    expect(await changesOf({ ...agent, releases: { [OLD]: exampleRelease() } })).toEqual({ ...UNCHANGED, partly: true })
  })

  test('where a file lies in the place of a release', async () => {
    const agent = await install()
    rmSync(agent.tree, { recursive: true })
    writeFileSync(agent.tree, '')
    expect(await changesOf(agent)).toEqual({ ...UNCHANGED, partly: true })
  })
})

// A full disk is one of the reasons for which people uninstall.
test('a disk that does not take the note keeps nothing from being deleted, and what was found is told all the same', async () => {
  const agent = await install()
  edit(join(agent.tree, 'x.conf'))
  const { work } = workOf()
  const full = () => Promise.reject(new RuntimeError('disk-full', 'there is no room'))
  const metafile = exampleMetafile({ agents: { metrics: exampleAgent({ releases: agent.releases }) } })
  const paths = pathsOf(dirname(dirname(agent.own.root)), '')
  await noteChanges({ name: 'metrics' }, { ...work, paths, metafile: { read: () => metafile, update: full } })
  expect(work.findings.changes).toMatchObject({ count: 1, some: [`"releases/${OLD}/x.conf"`] })
})

// BootAgent is being stopped: it is looked for anew at the next start.
test('a search that is cut short finds nothing, and says so', async () => {
  const { own, releases } = await install()
  await expect(findChanges(own, releases, AbortSignal.abort())).rejects.toThrow()
})
