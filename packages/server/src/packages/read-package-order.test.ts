import { expect, test } from 'vitest'
import { readPackageOrder } from './read-package-order.ts'

const PARAMS = { name: 'metrics', version: '1.0.0' }
const QUERY = { os: 'linux', arch: 'x64', file: 'metrics-1.0.0.tar.gz' }

test('an order is read whole, the run from its JSON', () => {
  const sha256 = 'a'.repeat(64)
  const order = readPackageOrder(PARAMS, { ...QUERY, sha256, run: '{"exec":"bin/metrics","args":["-v"]}' })
  expect(order).toEqual({ ...PARAMS, ...QUERY, format: 'tar.gz', sha256, run: { exec: 'bin/metrics', args: ['-v'] } })
})

test.each([
  ['file', { file: '../etc/passwd.tar.gz' }],
  ['file', { file: 'a/b.tar.gz' }],
  ['file', { file: 'metrics.rar' }],
  ['file', { file: undefined }],
  ['os', { os: 'Linux/x' }],
  ['arch', { arch: 'amd64' }],
  ['run', { run: '{' }],
  ['exec', { run: '{"exec":"../sh"}' }],
  ['sha256', { sha256: 'abc' }],
])('a bad %s is refused by name: %j', (field, change) => {
  const read = () => readPackageOrder(PARAMS, { ...QUERY, ...change })
  expect(read).toThrow(expect.objectContaining({ code: 'bad-request', message: expect.stringContaining(field) }))
})

test('a bad name or version is refused by name', () => {
  expect(() => readPackageOrder({ ...PARAMS, name: 'a.b' }, QUERY)).toThrow('name: ')
  expect(() => readPackageOrder({ ...PARAMS, version: '-1' }, QUERY)).toThrow('version: ')
})
