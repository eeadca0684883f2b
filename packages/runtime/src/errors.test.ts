import { expect, test } from 'vitest'
import { diskError, RuntimeError, systemCode } from './errors.ts'

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: it went wrong`), { code })
}

test.each([
  ['EXDEV', 'other-mount', 'different mounts'],
  ['ENOSPC', 'disk-full', 'no room left'],
  ['EDQUOT', 'disk-full', 'no room left'],
  ['EROFS', 'disk-error', 'EROFS'],
  ['EIO', 'disk-error', 'EIO'],
])('%s is told as %s, with what was being done and the cause', (system, code, says) => {
  const cause = systemError(system)
  const error = diskError('writing /x', cause)
  expect(error).toMatchObject({ name: 'RuntimeError', code, cause })
  expect(error.message).toMatch(/^writing \/x: /)
  expect(error.message).toContain(says)
})

// libuv has no name for it.
test('a quota that is used up is told by its number, as the system throws it', () => {
  const cause = Object.assign(new Error('Unknown system error -122'), { code: 'Unknown system error -122', errno: -122 })
  expect(diskError('writing /x', cause)).toMatchObject({ code: 'disk-full', message: expect.stringContaining('EDQUOT') })
  expect([systemCode(cause), systemCode(systemError('ENOSPC')), systemCode(undefined)]).toEqual(['EDQUOT', 'ENOSPC', undefined])
})

test('what has been told once is not told again', () => {
  const error = new RuntimeError('disk-full', 'writing /x: full')
  expect(diskError('writing /y', error)).toBe(error)
})
