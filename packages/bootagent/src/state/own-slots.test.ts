import { expect, test } from 'vitest'
import { holdsVersion } from './own-slots.ts'

test.each([
  ['1.2.1', '1.2.1', true],
  ['1.2.1-3', '1.2.1', true],
  ['1.2.1-0.fc40', '1.2.1', true],
  ['1.2.1', '1.2.1-3', false],
  ['1.2.10', '1.2.1', false],
  ['1.2.1-rc-2', '1.2.1', false],
])('a package %s holds BootAgent %s: %s', (packaged, version, holds) => {
  expect(holdsVersion(packaged, version)).toBe(holds)
})
