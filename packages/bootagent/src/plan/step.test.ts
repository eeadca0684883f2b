import { expect, test } from 'vitest'
import { describe } from './step.ts'

test.each([
  ['a name and a password', 'http://user:secret@packages.example/a.tar.gz'],
  ['a right in the query', 'http://packages.example/a.tar.gz?signature=secret'],
  ['a fragment', 'http://packages.example/a.tar.gz#secret'],
  ['all of them', 'HTTPS://user:secret@packages.example/a.tar.gz?a=secret#secret'],
])('a sentence about a download does not tell %s', (_, url) => {
  const said = describe({ kind: 'download', url, digest: 'd' })
  expect(said).toMatch(/^download https?:\/\/packages\.example\/a\.tar\.gz$/i)
})

test('an @ in the path is no password', () => {
  expect(describe({ kind: 'download', url: 'http://packages.example/@team/a.tar.gz', digest: 'd' })).toBe(
    'download http://packages.example/@team/a.tar.gz',
  )
})
