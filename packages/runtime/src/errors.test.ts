import { expect, test } from 'vitest'
import { diskError, RuntimeError } from './errors.ts'

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

test('what has been told once is not told again', () => {
  const error = new RuntimeError('disk-full', 'writing /x: full')
  expect(diskError('writing /y', error)).toBe(error)
})
