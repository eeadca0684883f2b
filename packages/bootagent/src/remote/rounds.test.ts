import { formatServer } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { allServers, roundFrom } from './rounds.ts'

function all(svrlist: string, baked: string): string[] {
  return allServers(svrlist, baked).map(formatServer)
}

test('the metafile’s list comes before the one that was baked in', () => {
  expect(all('a,b:1', 'https://c')).toEqual(['http://a:8180', 'http://b:1', 'https://c:8180'])
})

// Seed 001: duplicates are not removed.
test('a server that is named twice is asked twice', () => {
  expect(all('a,a', 'a')).toEqual(['http://a:8180', 'http://a:8180', 'http://a:8180'])
})

// Whatever becomes of the metafile's list, the baked one must still bring a host home.
test('a list that cannot be read leaves the other one', () => {
  expect(all('not a server', 'b')).toEqual(['http://b:8180'])
  expect(all('', '')).toEqual([])
})

test.each([
  [0, ['a', 'b', 'c']],
  [1, ['b', 'c', 'a']],
  [2, ['c', 'a', 'b']],
])('a round from %i asks each server once, in order', (current, order) => {
  const round = roundFrom(['a', 'b', 'c'], current)
  expect(round.map(({ server }) => server)).toEqual(order)
  expect(round.map(({ index }) => ['a', 'b', 'c'][index])).toEqual(order)
})

test('a round from a place that is no longer there still asks each server once', () => {
  expect(roundFrom(['a', 'b'], 7).map(({ server }) => server)).toEqual(['b', 'a'])
  expect(roundFrom([], 3)).toEqual([])
})
