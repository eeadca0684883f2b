import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLinePrinter, type Printing } from './line-printer.ts'

function printed(printing: Partial<Printing>, ...pieces: (string | Buffer)[]): Buffer {
  const printer = createLinePrinter({ agent: 'tiny', json: false, terminal: false, ...printing })
  return Buffer.concat([...pieces.map((piece) => printer.take(Buffer.from(piece as string))), printer.end()])
}

test('to a file or a pipe goes every byte as it was written', () => {
  const bytes = fc.array(fc.uint8Array(), { maxLength: 5 })
  fc.assert(
    fc.property(bytes, (pieces) => {
      const buffers = pieces.map((piece) => Buffer.from(piece))
      expect(printed({}, ...buffers)).toEqual(Buffer.concat(buffers))
    }),
  )
})

test('a line may come in pieces, in the middle of a character too', () => {
  const bytes = Buffer.from('a🚀b\nlast')
  for (let at = 0; at <= bytes.length; at++) {
    const out = printed({ terminal: true }, bytes.subarray(0, at), bytes.subarray(at))
    expect(out.toString()).toBe('a🚀b\nlast\n')
  }
})

test('JSON is one object a line, and holds nothing that a terminal would obey', () => {
  const out = printed({ json: true }, 'one\n\x1b[2J\u202e\x9b\n', 'two').toString()
  expect(out).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u)
  expect(
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { agent: 'tiny', line: 'one' },
    { agent: 'tiny', line: '\x1b[2J\u202e\x9b' },
    { agent: 'tiny', line: 'two' },
  ])
})

test('a line that never ends is printed all the same, in parts', () => {
  const printer = createLinePrinter({ agent: 'tiny', json: false, terminal: true })
  const out = Array.from({ length: 40 }, () => printer.take(Buffer.alloc(10_000, 'x')).toString()).join('')
  expect(out.replaceAll('\n', '').length).toBeGreaterThan(300_000)
  expect((out + printer.end().toString()).replaceAll('\n', '')).toHaveLength(400_000)
})
