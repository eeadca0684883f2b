import { expect, test } from 'vitest'
import { formatOf } from './package.ts'

test.each([
  ['metrics-1.2.0.tar.gz', 'tar.gz'],
  ['/packages/metrics-1.2.0.TGZ', 'tar.gz'],
  ['metrics_1.2.0_amd64.deb', 'deb'],
  ['BasicAgent-0.1.0-0.x86_64.rpm', 'rpm'],
  ['metrics.tar', 'tar'],
  ['metrics-1.2.0.tar.xz', 'tar.xz'],
  ['metrics-1.2.0.tar.ZST', 'tar.zst'],
  ['metrics.tar.bz2', undefined],
  ['metrics-1.2.0.zip', 'zip'],
  ['metrics.tar.gz.part', undefined],
  ['metrics.deb?x=.exe', undefined],
  ['deb', undefined],
  ['', undefined],
])('%j promises: %s', (path, format) => {
  expect(formatOf(path)).toBe(format)
})
