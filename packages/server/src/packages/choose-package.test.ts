import { expect, test } from 'vitest'
import { choosePackage, newestVersion } from './choose-package.ts'
import type { Package } from './package.ts'

const FACTS = { name: 'metrics', os: 'linux', format: 'tar.gz', file: 'f', size: 1, sha256: '', published: 1 } as const
const packages = (...kinds: readonly [version: string, arch: string][]): Package[] =>
  kinds.map(([version, arch], index) => ({ ...FACTS, position: index + 1, version, arch }))

test('the newest version is the one that appeared last', () => {
  expect(newestVersion(packages(['2.0', 'x64'], ['1.9', 'x64']))).toBe('1.9')
  expect(newestVersion([])).toBeUndefined()
})

// Or completing an old version would send the fleet back to it.
test('another processor for an old version does not make it the newest', () => {
  expect(newestVersion(packages(['1.0', 'x64'], ['2.0', 'x64'], ['1.0', 'arm64']))).toBe('2.0')
})

test.each([
  ['x64', 2],
  ['arm64', 1],
  ['riscv64', 1],
])('a host on %s gets the package made for it, else the one for any', (arch, position) => {
  const offered = packages(['1.0', 'any'], ['1.0', 'x64'], ['2.0', 'arm64'])
  expect(choosePackage(offered, '1.0', { os: 'linux', arch })?.position).toBe(position)
})

test('another operating system gets nothing', () => {
  expect(choosePackage(packages(['1.0', 'any']), '1.0', { os: 'darwin', arch: 'x64' })).toBeUndefined()
})
