import { expect, test } from 'vitest'
import { likenessOf, innerPath } from './judge-name.ts'
import { DEFAULT_UNPACK_LIMITS } from './unpack-limits.ts'

const tar = { ...DEFAULT_UNPACK_LIMITS, reroot: false }
const deb = { ...tar, reroot: true }

test.each([
  ['bin/x', 'bin/x'],
  ['./bin/x', 'bin/x'],
  ['lib/', 'lib'],
  ['./', ''],
  ['.', ''],
  ['..x/...', '..x/...'],
  ['a b/ü', 'a b/ü'],
])('%j is a place in the release', (written, path) => {
  expect(innerPath(written, tar)).toEqual({ path })
})

// dpkg-deb writes `./usr`, other tools `/usr`: in a payload made for the root of a host they are one place.
test('only in a deb does an absolute name mean a place in the release', () => {
  expect(innerPath('/usr/x', deb)).toEqual({ path: 'usr/x' })
  expect(innerPath('/', deb)).toEqual({ path: '' })
  expect(innerPath('/usr/x', tar)).toEqual({ refused: 'is absolute' })
})

test.each(['..', '../x', 'x/..', 'x/../y', './../x', '//x', './/x', 'a//b', 'a/./b', '././x'])(
  '%j is no place in a release',
  (written) => {
    expect(innerPath(written, tar)).toHaveProperty('refused')
    expect(innerPath(written, deb)).toHaveProperty('refused')
  },
)

test('lengths are counted in bytes, and the limit itself is allowed', () => {
  expect(innerPath('ü'.repeat(127), tar)).toHaveProperty('path')
  expect(innerPath('ü'.repeat(128), tar)).toEqual({ refused: 'has a name longer than 255 bytes' })
})

test.each([
  ['ß', 'SS'],
  ['ﬁ', 'FI'],
  ['é', 'É'.normalize('NFD')],
  ['Å', '\u212b'],
  ['ſ', 's'],
  ['run', 'ru\u200dn'],
])('%s and %s are one name', (one, other) => {
  expect(likenessOf(one)).toBe(likenessOf(other))
})
