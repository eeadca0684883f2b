import { expect, test } from 'vitest'
import type { Stores } from '../stores.ts'
import type { Package } from './package.ts'

/** What every {@link PackageStore} promises; `make` gives empty stores. */
export function packageStoreContract(make: () => Promise<Stores>): void {
  test('a package is found by its whole key', async () => {
    const { packages } = await make()
    await packages.add(PACKAGE)
    expect(await packages.find(PACKAGE)).toEqual(PACKAGE)
    for (const other of [{ name: 'x' }, { version: '9' }, { os: 'plan9' }, { arch: 'arm64' }]) {
      expect(await packages.find({ ...PACKAGE, ...other })).toBeUndefined()
    }
  })

  test('a key is added once', async () => {
    const { packages } = await make()
    await packages.add(PACKAGE)
    await expect(packages.add({ ...PACKAGE, position: 2, sha256: 'b'.repeat(64) })).rejects.toThrow()
  })

  test('the packages of a name come in the order of publishing', async () => {
    const { packages } = await make()
    for (const position of [2, 3, 1]) await packages.add({ ...PACKAGE, position, version: `${9 - position}` })
    await packages.add({ ...PACKAGE, position: 4, name: 'other' })
    expect((await packages.named('metrics')).map((each) => each.position)).toEqual([1, 2, 3])
    expect(await packages.named('nothing')).toEqual([])
  })

  test('packages are fetched by position, and none for none', async () => {
    const { packages } = await make()
    await packages.add(PACKAGE)
    await packages.add({ ...PACKAGE, position: 2, version: '2' })
    expect((await packages.at([2, 5])).map((each) => each.version)).toEqual(['2'])
    expect(await packages.at([])).toEqual([])
  })

  test('a file is found by digest and name together', async () => {
    const { packages } = await make()
    await packages.add(PACKAGE)
    expect(await packages.findFile(PACKAGE.sha256, PACKAGE.file)).toEqual(PACKAGE)
    expect(await packages.findFile(PACKAGE.sha256, 'other.tar.gz')).toBeUndefined()
    expect(await packages.findFile('b'.repeat(64), PACKAGE.file)).toBeUndefined()
  })

  test('the last position is that of the newest package, and 0 before the first', async () => {
    const { packages } = await make()
    expect(await packages.lastPosition()).toBe(0)
    await packages.add({ ...PACKAGE, position: 3 })
    expect(await packages.lastPosition()).toBe(3)
  })
}

const PACKAGE: Package = {
  position: 1,
  name: 'metrics',
  version: '1.0.0',
  os: 'linux',
  arch: 'x64',
  format: 'tar.gz',
  file: 'metrics-1.0.0.tar.gz',
  size: 5_000_000_000,
  sha256: 'a'.repeat(64),
  run: { exec: 'bin/metrics', args: ['-v'] },
  bootagent: '>=1.4.0',
  published: 100,
}
