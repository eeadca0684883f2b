import { expect, test } from 'vitest'
import { formatSize } from './size.ts'

test.each([
  [0, '0 B'],
  [412, '412 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1536, '1.5 KiB'],
  [100 * 1024 ** 2, '100 MiB'],
  [2 * 1024 ** 3, '2.0 GiB'],
  [5000 * 1024 ** 4, '5000 TiB'],
])('%d bytes are %s', (bytes, words) => {
  expect(formatSize(bytes)).toBe(words)
})
