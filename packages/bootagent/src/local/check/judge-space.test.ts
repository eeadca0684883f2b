import { describe, expect, test } from 'vitest'
import { judgeHomeSpace, judgeRunSpace } from './judge-space.ts'

const MB = 1024 ** 2
const space = (bytes: number, inodes: number | undefined) => ({ path: '/home', bytes, inodes })

describe('the disk of the home', () => {
  test.each<[bytes: number, inodes: number | undefined, verdict: string]>([
    [32 * MB, 2000, 'ok'],
    [32 * MB, undefined, 'ok'],
    [32 * MB - 1, 2000, 'warn'],
    [1000 * MB, 1999, 'warn'],
    [2 * MB, 32, 'warn'],
    [2 * MB - 1, 2000, 'FAIL'],
    [1000 * MB, 31, 'FAIL'],
    [0, undefined, 'FAIL'],
  ])('with %i bytes and %s files left', (bytes, inodes, verdict) => {
    expect(judgeHomeSpace(space(bytes, inodes)).verdict).toBe(verdict)
  })

  test('says what is kept in reserve', () => {
    expect(judgeHomeSpace(space(10 * MB, 5000)).text).toBe(
      '/home has 10 MB and 5000 files left, and 32 MB are kept in reserve: nothing can be installed',
    )
  })
})

test('the run directory needs no more than a start does', () => {
  expect(judgeRunSpace(space(2 * MB, undefined)).verdict).toBe('ok')
  expect(judgeRunSpace(space(2 * MB - 1, 100)).verdict).toBe('FAIL')
  expect(judgeRunSpace(space(5 * MB, 0)).verdict).toBe('FAIL')
})
