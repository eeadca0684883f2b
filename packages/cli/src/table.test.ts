import { expect, test } from 'vitest'
import { type Column, factTable, table } from './table.ts'

interface Host {
  readonly name: string
  readonly state: string
}

const COLUMNS: readonly Column<Host>[] = [
  { title: 'NAME', cell: (host) => host.name },
  { title: 'STATE', cell: (host) => host.state, colour: (host) => (host.state === 'down' ? 'red' : undefined) },
  { title: 'N', cell: () => '1' },
]

test('columns are as wide as their widest cell, and no line ends in spaces', () => {
  const rows = [
    { name: 'web-1', state: 'up' },
    { name: 'database', state: 'down' },
  ]
  expect(table(rows, COLUMNS, false)).toBe(['NAME      STATE  N', 'web-1     up     1', 'database  down   1', ''].join('\n'))
})

test('without a row there is nothing, not even titles', () => {
  expect(table([], COLUMNS, true)).toBe('')
})

test('colour takes no room', () => {
  const rows = [{ name: 'a', state: 'down' }]
  expect(table(rows, COLUMNS, true)).toContain('a     \x1b[31mdown\x1b[0m   1\n')
})

// Forged rows and colours from a host's own words; the table's own colours must be the only escapes.
test('a cell cannot add a line or an escape of its own', () => {
  const text = table([{ name: 'x\nroot  up', state: '\x1b[32mfine' }], COLUMNS, false)
  expect(text.split('\n')).toHaveLength(3)
  expect(text).not.toContain('\x1b')
})

test('facts are aligned without titles, and harmless', () => {
  const facts = [
    ['tags', 'a=b'],
    ['hostname', 'x\x07'],
  ] as const
  expect(factTable(facts)).toBe('tags      a=b\nhostname  x\\x07\n')
})

// Widths were once found by spreading all rows into one call, which a large fleet turns into a stack overflow.
test('a fleet of 200,000 hosts is a table like any other', () => {
  const rows = Array.from({ length: 200_000 }, () => ({ name: 'web', state: 'up' }))
  expect(table(rows, COLUMNS, false)).toHaveLength(200_001 * 'web   up     1\n'.length)
})
