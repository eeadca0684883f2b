import type { HostSummary } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { findHost, shortLength } from './find-host.ts'

function host(agentsn: string, hostname: string): HostSummary {
  return { agentsn, hostname, tags: '', version: '', registered: 0, step: 600, agents: [], openJobs: 0 }
}

const HOSTS = [
  host('bfdcc18c-b6b9', 'web-1'),
  host('bfdc0000-1111', 'web-2'),
  host('33c5b8b4-5a2c', 'twin'),
  host('44c5b8b4-5a2c', 'twin'),
  host('web-2', 'odd'),
  host('10', 'ten'),
  host('100', 'hundred'),
]

test.each([
  ['a whole agentsn', '33c5b8b4-5a2c', '33c5b8b4-5a2c'],
  ['the beginning of one', 'bfdcc', 'bfdcc18c-b6b9'],
  ['a hostname', 'web-1', 'bfdcc18c-b6b9'],
  ['a whole agentsn that begins another', '10', '10'],
  ['a whole agentsn that is a hostname elsewhere', 'web-2', 'web-2'],
])('%s names a host', (_, text, agentsn) => {
  expect(findHost(text, HOSTS).agentsn).toBe(agentsn)
})

test.each([
  ['a beginning', 'bfdc', /bfdcc18c-b6b9 \(web-1\), bfdc0000-1111 \(web-2\)/],
  ['a hostname', 'twin', /33c5b8b4-5a2c \(twin\), 44c5b8b4-5a2c \(twin\)/],
])('%s that fits two hosts is refused, with the candidates', (_, text, candidates) => {
  expect(() => findHost(text, HOSTS)).toThrow(
    expect.objectContaining({ code: 'ambiguous-host', message: expect.stringMatching(candidates) }),
  )
})

// The empty string begins every agentsn; in a fleet of one it would choose that one.
test.each(['web-9', '', 'eb-1'])('"%s" names no host', (text) => {
  expect(() => findHost(text, HOSTS.slice(0, 1))).toThrow(expect.objectContaining({ code: 'no-such-host' }))
})

test('of very many candidates only the first ten are listed', () => {
  const many = Array.from({ length: 25 }, (_, at) => host(`abc${at}`, 'h'))
  expect(() => findHost('abc', many)).toThrow(/abc9 \(h\), 15 more$/)
})

test.each([
  [8, ['bfdcc18c-b6b9', '33c5b8b4-5a2c']],
  [8, []],
  [8, ['same', 'same']],
  [10, ['host-00001', 'host-00002']],
])('agentsns are cut to %d characters when that tells them apart', (length, agentsns) => {
  expect(shortLength(agentsns)).toBe(length)
})
