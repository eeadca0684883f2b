import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fakeBuild } from './fake-build.ts'
import { runPackage } from './run-package.ts'

let dist: string

beforeEach(() => {
  dist = mkdtempSync(join(tmpdir(), 'bootagent-refusals-test-'))
})
afterEach(() => rmSync(dist, { recursive: true }))

const refusal = (...parts: string[]) => ({ code: 2, stderr: expect.stringMatching(new RegExp(parts.join('[^]*'))) })

test('what was not built is refused, with the command that builds it', async () => {
  await expect(runPackage(dist, 'BootAgent', '1.2.1-1')).rejects.toMatchObject(
    refusal('nothing was built', 'npm run build -- --only bootagent --build-version 1\\.2\\.1'),
  )
})

test('a version that is not the build’s is refused, and both are named', async () => {
  fakeBuild(dist, { version: '1.2.0' })
  await expect(runPackage(dist, 'BootAgent', '1.2.1-1')).rejects.toMatchObject(
    refusal('version 1\\.2\\.0', '1\\.2\\.1 was asked for', 'npm run build -- .*--build-version 1\\.2\\.1'),
  )
})

test('an executable that was left by another build is refused', async () => {
  fakeBuild(dist, { version: '1.2.1' })
  const facts = JSON.parse(readFileSync(join(dist, 'build.json'), 'utf8')) as object
  writeFileSync(join(dist, 'build.json'), JSON.stringify({ ...facts, commit: 'ba9876543210' }))
  await expect(runPackage(dist, 'BootAgent', '1.2.1')).rejects.toMatchObject(
    refusal('another build', 'ba9876543210', '0123456789ab'),
  )
})

test('a program that was not built with the others is refused by name', async () => {
  fakeBuild(dist, { version: '1.2.1' })
  rmSync(join(dist, `bootfleet-1.2.1-linux-${process.arch}`))
  await expect(runPackage(dist, 'BootServer', '1.2.1')).rejects.toMatchObject(
    refusal('bootfleet-1\\.2\\.1-linux', 'is not there'),
  )
})

test.for([
  [['BootAgnet', '1.2.1'], 'BootAgent or BootServer'],
  [['BootAgent', '../1.2.1'], 'no version'],
  [['BootAgent'], 'a version'],
  [['BootAgent', '1.2.1', '--only', 'deb,msi'], 'msi'],
] as const)('%s is refused', async ([args, told]) => {
  await expect(runPackage(dist, ...args)).rejects.toMatchObject(refusal(told))
})

test('a version before a release sorts before it, for dpkg and for rpm', async () => {
  fakeBuild(dist, { version: '1.3.0-rc.1' })
  const { deb = '', rpm = '' } = await runPackage(dist, 'BootAgent', '1.3.0-rc.1-2', '--only', 'deb,rpm')
  const version = execFileSync('dpkg-deb', ['--field', deb, 'Version'], { encoding: 'utf8' }).trim()
  expect(version).toBe('1.3.0~rc.1-2')
  execFileSync('dpkg', ['--compare-versions', version, 'lt', '1.3.0-1'])
  expect(execFileSync('rpm', ['-qp', '--qf', '%{VERSION}-%{RELEASE}', rpm], { encoding: 'utf8' })).toBe('1.3.0~rc.1-2')
})
