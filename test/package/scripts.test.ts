import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostScripts } from '../../scripts/package/host-scripts.ts'
import { PRODUCTS } from '../../scripts/package/products.ts'
import { FORMATS } from '../../scripts/package/release.ts'

const ROOT = join(import.meta.dirname, '../..')

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'bootagent-scripts-test-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

const SCRIPTS = PRODUCTS.flatMap((product) =>
  FORMATS.flatMap((format) =>
    Object.entries(hostScripts(ROOT, product, format)).map(
      ([name, text]) => [`${product.plain}-${format}-${name}`, text] as const,
    ),
  ),
)

test.for(SCRIPTS)('the script %s is sh as POSIX has it, and shellcheck finds nothing in it', ([name, text]) => {
  const path = join(directory, name)
  writeFileSync(path, text)
  // SC2034, SC2317: what is put in for all has more than one of them needs.
  execFileSync('shellcheck', ['--shell=sh', '--severity=style', '--exclude=SC2034,SC2317', path], { encoding: 'utf8' })
})

test.for(['contrib/package.sh', 'contrib/guard', 'contrib/packages/bootagent/bootagent'])(
  'shellcheck finds nothing in %s',
  (path) => {
    execFileSync('shellcheck', [join(ROOT, path)], { encoding: 'utf8' })
  },
)

test('no script is left with a part that was not put in', () => {
  expect(SCRIPTS.filter(([, text]) => text.includes('# include')).map(([name]) => name)).toEqual([])
})

test('bootagent on the PATH is the one of the current slot, and the packaged one where there is no slot to read', () => {
  const home = join(directory, 'home')
  const script = readFileSync(join(ROOT, 'contrib/packages/bootagent/bootagent'), 'utf8')
  const path = join(directory, 'bootagent')
  writeFileSync(path, script.replaceAll('/var/lib/bootagent', home).replaceAll('/usr/lib/bootagent', join(directory, 'lib')), {
    mode: 0o755,
  })
  const put = (where: string) => {
    mkdirSync(where, { recursive: true })
    writeFileSync(join(where, 'bootagent'), `#!/bin/sh\necho "${where.slice(directory.length)} $*"\n`, { mode: 0o755 })
  }
  put(join(directory, 'lib'))
  const ran = () => execFileSync(path, ['status', 'a b'], { encoding: 'utf8' })
  expect(ran()).toBe('/lib status a b\n')
  put(join(home, 'self/b'))
  for (const [current, runs] of [
    ['b', '/home/self/b'],
    ['a', '/lib'],
    ['../self/b', '/lib'],
    ['', '/lib'],
  ] as const) {
    writeFileSync(join(home, 'self/current'), `${current}\n`)
    expect(ran()).toBe(`${runs} status a b\n`)
  }
})
