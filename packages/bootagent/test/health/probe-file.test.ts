import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { readyFileOf } from '../../src/health/ready-file.ts'
import { check, makePlace } from './place.ts'

test('an agent is well for as long as its ready file is there', async () => {
  const subject = makePlace()
  const file = readyFileOf(subject.directory)
  const look = () => check({ kind: 'file' }, { subject })
  expect(await look()).toEqual({ ok: false, why: 'its ready file is not there' })
  writeFileSync(file, '')
  expect(await look()).toEqual({ ok: true })
  rmSync(file)
  expect(await look()).toEqual({ ok: false, why: 'its ready file is not there' })
})

// The name is what counts: a link may lead to where a look does not come back from.
test.each([
  ['a link that leads nowhere', (file: string) => symlinkSync('/nonexistent/place', file)],
  ['a link to itself', (file: string) => symlinkSync(file, file)],
  ['a directory', (file: string) => mkdirSync(file)],
])('%s is there', async (_, make) => {
  const subject = makePlace()
  make(readyFileOf(subject.directory))
  expect(await check({ kind: 'file' }, { subject })).toEqual({ ok: true })
})

test('an emptied /run is no fault of the agent', async () => {
  const subject = makePlace()
  rmSync(subject.directory, { recursive: true })
  expect(await check({ kind: 'file' }, { subject })).toMatchObject({ ok: false, hindered: true })
})

test.each([
  ['a file in the place of its directory', (own: string) => writeFileSync(own, '')],
  ['a loop of links in the place of its directory', (own: string) => symlinkSync(own, own)],
])('%s is no readiness and no fault of ours', async (_, make) => {
  const subject = makePlace()
  const own = dirname(readyFileOf(subject.directory))
  rmSync(own, { recursive: true })
  make(own)
  expect(await check({ kind: 'file' }, { subject })).toMatchObject({ ok: false, why: expect.stringMatching(/^its ready file /) })
})
