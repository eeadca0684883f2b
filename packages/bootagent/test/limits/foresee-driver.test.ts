import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import process from 'node:process'
import { runProgram } from '@bootagent/runtime/testing'
import { expect, test } from 'vitest'
import { chooseDriver } from '../../src/limits/choose-driver.ts'
import { findHierarchies } from '../../src/limits/find-hierarchies.ts'
import { foreseeDriver } from '../../src/limits/foresee-driver.ts'
import { placeIn } from '../../src/limits/group-tree.ts'

const isRoot = process.geteuid?.() === 0
const mounted = findHierarchies('/sys/fs/cgroup')

test.runIf(isRoot && mounted.kind !== 'nothing')('what looking foresees is what trying takes, and looking makes no group', () => {
  const key = randomBytes(4).toString('hex')
  const { kind } = foreseeDriver({})
  const hierarchies =
    mounted.kind === 'v1' ? [...mounted.controllers.values(), mounted.unified] : [mounted.kind === 'v2' && mounted.root]
  expect(hierarchies.filter((each) => typeof each === 'string' && existsSync(placeIn(each, key)))).toEqual([])
  expect(kind).toBe(chooseDriver({ key }).kind)
})

test('where no cgroups are mounted, limits are watched, and each kind says why not', () => {
  const { kind, against, missing } = foreseeDriver({ root: '/nowhere' })
  expect(kind).toBe('none')
  expect(against.map((each) => each.split(':')[0])).toEqual(['systemd', 'cgroup-v2', 'hybrid', 'cgroup-v1'])
  expect(against.at(-1)).toContain('no cgroups are mounted at /nowhere')
  expect(missing).toEqual(['CPU', 'memory', 'pids', 'disk'])
})

test('only the kind that is asked for is looked at', () => {
  expect(foreseeDriver({ forced: 'none' })).toMatchObject({ kind: 'none', against: [] })
  const other = mounted.kind === 'v2' ? 'cgroup-v1' : 'cgroup-v2'
  expect(foreseeDriver({ forced: other })).toMatchObject({
    kind: 'none',
    against: [expect.stringContaining(`${other}: not mounted`)],
  })
})

test.runIf(isRoot && mounted.kind !== 'nothing')('who may not make groups is told so', async () => {
  const foresee = new URL('../../src/limits/foresee-driver.ts', import.meta.url)
  const text = `process.setgid(65534); process.setuid(65534); const { foreseeDriver } = await import(${JSON.stringify(foresee)}); console.log(JSON.stringify(foreseeDriver({})))`
  const { stdout, stderr } = await runProgram([process.execPath, '--input-type=module', '--eval', text])
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toMatchObject({ kind: 'none', against: expect.arrayContaining([expect.stringContaining('EACCES')]) })
})
