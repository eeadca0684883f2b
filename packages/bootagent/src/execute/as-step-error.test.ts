import { RuntimeError } from '@bootagent/runtime'
import { expect, test } from 'vitest'
import { StepError } from '../errors.ts'
import { asStepError } from './as-step-error.ts'

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: no luck, close`), { code, syscall: 'close' })
}

test('a step’s own error goes as it is', () => {
  const error = new StepError('fetch-size', 'too large')
  expect(asStepError(error)).toBe(error)
})

test.each([
  ['a full disk', new RuntimeError('disk-full', 'no room'), 'disk-full', 'no room'],
  ['a disk that refuses', new RuntimeError('disk-error', 'EROFS'), 'disk-error', 'EROFS'],
  ['a disk that fails where nobody expects it', systemError('EIO'), 'disk-error', 'working on the disk: EIO: no luck, close'],
  [
    'a disk that fills where nobody expects it',
    systemError('ENOSPC'),
    'disk-full',
    'working on the disk: no room left on the disk (ENOSPC)',
  ],
  [
    'a quota that is used up where nobody expects it',
    Object.assign(new Error('Unknown system error -122'), { code: 'Unknown system error -122', errno: -122 }),
    'disk-full',
    'working on the disk: no room left on the disk (EDQUOT)',
  ],
  ['a host that has no descriptors left', systemError('EMFILE'), 'disk-error', 'working on the disk: EMFILE: no luck, close'],
  ['anything else', new TypeError('x is undefined'), 'internal', 'x is undefined'],
  ['what is no error', null, 'internal', 'null'],
])('%s is told with its reason', (_what, error, reason, message) => {
  expect(asStepError(error)).toMatchObject({ reason, message })
})
