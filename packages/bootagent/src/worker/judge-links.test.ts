import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linkFault, rerootTarget } from './judge-links.ts'

test.each([
  ['bin/sh', 'bash'],
  ['usr/bin/x', '../../etc/alternatives/x'],
  ['a/b/c', '../..'],
  ['x', 'gone/for/ever'],
  ['x', '.'],
])('%s → %s stays inside', (path, target) => {
  expect(linkFault(path, new Map([[path, target]]))).toBeUndefined()
})

// `..` after a link climbs from where the link led, not from where it lies: read as text, `deep/../x` looks harmless.
test('a link is followed before the .. behind it is', () => {
  const links = new Map([
    ['deep', 'a'],
    ['l', 'deep/../x'],
    ['far/deep', '../a'],
    ['far/m', 'deep/../../x'],
  ])
  expect(linkFault('l', links)).toBeUndefined()
  expect(linkFault('far/m', links)).toBe('leads out of the package')
})

test('a chain of 41 links is one too many, and one of 40 is not', () => {
  const chain = (length: number) => new Map([...Array(length).keys()].map((n) => [`l${n}`, `l${n + 1}`]))
  expect(linkFault('l0', chain(41))).toBeUndefined()
  expect(linkFault('l0', chain(42))).toBe('leads in a circle')
})

test('links that double with every step are given up early', () => {
  const links = new Map([...Array(60).keys()].map((n) => [`l${n}`, `l${n + 1}/l${n + 1}`]))
  expect(linkFault('l0', links)).toBe('leads in a circle')
})

test.each([
  ['usr/bin/run', '/opt/run', '../../opt/run'],
  ['run', '/opt//./run/', 'opt/run'],
  ['a/b', '/', '..'],
  ['a', '/', '.'],
])('%s → %s becomes %s', (path, target, relative) => {
  expect(rerootTarget(path, target)).toBe(relative)
})

test('a re-rooted target without .. never leads out', () => {
  const name = fc.stringMatching(/^[a-z]{1,3}$/)
  const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'))
  fc.assert(
    fc.property(path, path, (link, target) => {
      // A link that leads to itself is refused for another reason.
      fc.pre(!`${target}/`.startsWith(`${link}/`))
      expect(linkFault(link, new Map([[link, rerootTarget(link, `/${target}`)]]))).toBeUndefined()
    }),
  )
})
