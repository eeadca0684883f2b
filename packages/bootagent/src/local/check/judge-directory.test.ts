import { describe, expect, test } from 'vitest'
import { judgeDirectory, judgeInner, type SeenDirectory } from './judge-directory.ts'

/** A home as BootAgent leaves it. */
function seen(changes: Partial<SeenDirectory> = {}): SeenDirectory {
  return {
    path: '/home',
    nearest: '/home',
    isDirectory: true,
    refused: undefined,
    owner: 0,
    mode: 0o40_700,
    names: ['metafile.json', 'tmp'],
    ...changes,
  }
}

describe('a directory that is to be ours', () => {
  test.each<[says: string, changes: Partial<SeenDirectory>, verdict: string]>([
    ['closed to others', {}, 'ok'],
    ['closed to others', { mode: 0o40_711 }, 'ok'],
    ['will be closed to others', { mode: 0o40_755 }, 'ok'],
    ['will be made in /', { nearest: '/', names: [] }, 'ok'],
    ['belongs to user 1000', { owner: 1000 }, 'warn'],
    ['holds passwd, which is not ours', { mode: 0o40_755, names: ['passwd'] }, 'FAIL'],
    ['/home is no directory', { isDirectory: false }, 'FAIL'],
    ['/home cannot be used (EROFS: read-only file system)', { refused: 'EROFS: read-only file system' }, 'FAIL'],
    ['/ cannot be used (EACCES: permission denied)', { nearest: '/', refused: 'EACCES: permission denied' }, 'FAIL'],
  ])('%s', (says, changes, verdict) => {
    const found = judgeDirectory(seen(changes), 0)
    expect(found).toMatchObject({ verdict, text: expect.stringContaining(says) })
  })

  // Whoever is not root has a home of his own.
  test('need not be root’s', () => {
    expect(judgeDirectory(seen({ owner: 1000 }), 1000).verdict).toBe('ok')
  })
})

test('what BootAgent makes inside its home is not looked for before there is a home', () => {
  const nearest = { path: '/home/tmp', nearest: '/', refused: 'EACCES: permission denied' }
  expect(judgeInner(seen(nearest)).verdict).toBe('ok')
  expect(judgeInner(seen({ ...nearest, nearest: '/home/tmp' })).verdict).toBe('FAIL')
})
