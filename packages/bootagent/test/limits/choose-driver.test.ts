import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { expect, onTestFinished, test } from 'vitest'
import { runProgram } from '@bootagent/runtime/testing'
import { chooseDriver } from '../../src/limits/choose-driver.ts'
import { findHierarchies } from '../../src/limits/find-hierarchies.ts'
import { brakeV2, killGroup, pathOf, placeIn } from '../../src/limits/group-tree.ts'
import { setGroup, until } from './group-stage.ts'
import * as programs from './programs.ts'

const key = randomBytes(4).toString('hex')
const limits = { cpuPercent: 10, memoryBytes: 20 * 1024 ** 2, pids: 5, openFiles: 64, disk: [{ device: '8:0', readBytes: 10 }] }
const isRoot = process.geteuid?.() === 0
const mounted = findHierarchies('/sys/fs/cgroup')

test.each(['/nowhere', process.execPath])('where no cgroups are mounted (%s), every limit is said to be unapplied', (root) => {
  const driver = chooseDriver({ root, key })
  expect(driver).toMatchObject({ kind: 'none', tracks: false })
  expect([...driver.enforced]).toEqual(['nofile'])
  const { unapplied, ...joining } = driver.prepare({ agent: 'a', attempt: '000001-00000000' }, limits)
  expect(joining).toEqual({ files: [], wrap: [] })
  expect(unapplied.map(({ limit }) => limit)).toEqual(['CPU', 'memory', 'pids', 'disk'])
  expect(unapplied.every(({ why }) => why === driver.why && why.includes(`no cgroups are mounted at ${root}`))).toBe(true)
})

// A directory that looks like cgroups takes every write, and limits nothing.
test('directories by the right names are no cgroups', () => {
  const root = mkdtempSync(join(tmpdir(), 'no-cgroups-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  expect(chooseDriver({ root, key }).kind).toBe('none')
})

test('a kind that is asked for and does not work leaves none, and says why', () => {
  expect(chooseDriver({ root: '/nowhere', key, forced: 'cgroup-v2' })).toMatchObject({
    kind: 'none',
    why: expect.stringContaining('no cgroups are mounted at /nowhere'),
  })
  const other = mounted.kind === 'v2' ? 'cgroup-v1' : 'cgroup-v2'
  expect(chooseDriver({ key, forced: other })).toMatchObject({ kind: 'none' })
})

test('none can be asked for', () => {
  expect(chooseDriver({ key, forced: 'none' }).why).toContain('the configuration says so')
})

test.runIf(isRoot && mounted.kind !== 'nothing')('a choice leaves no group behind', () => {
  expect(chooseDriver({ key }).kind).not.toBe('none')
  const hierarchies =
    mounted.kind === 'v1' ? [...mounted.controllers.values(), mounted.unified] : [mounted.kind === 'v2' && mounted.root]
  expect(hierarchies.filter((each) => typeof each === 'string' && existsSync(placeIn(each, key)))).toEqual([])
})

test.runIf(isRoot && mounted.kind !== 'nothing')('who may not make groups has none, and is told the reason', async () => {
  const choose = new URL('../../src/limits/choose-driver.ts', import.meta.url)
  const text = `process.seteuid(65534); const { chooseDriver } = await import(${JSON.stringify(choose)}); console.log(chooseDriver({ key: '${key}' }).why)`
  const { stdout, stderr } = await runProgram([process.execPath, '--input-type=module', '--eval', text])
  expect(stderr).toBe('')
  expect(stdout).toContain('EACCES: permission denied')
})

// Linux before 5.2 without the freezer of v1.
test.runIf(isRoot && mounted.kind === 'v1')(
  'what cannot be made to stand still is killed in rounds, until none is left',
  async () => {
    const driver = chooseDriver({ key, forced: 'cgroup-v1' })
    const { group, run } = setGroup(driver, {})
    await run(programs.FORKERS)
    await until(() => driver.processes(group).length >= 5)
    const hierarchy = mounted.kind === 'v1' ? (mounted.controllers.get('memory') ?? '') : ''
    const path = pathOf(placeIn(hierarchy, key), group)
    killGroup(path, brakeV2(path))
    await until(() => driver.processes(group).length === 0)
  },
)
