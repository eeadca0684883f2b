import { symlinkSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readTail, readTailSync } from '../../src/logs/read-tail.ts'
import { makeLog, numbered, rotateOnce } from './log-place.ts'

test.each([
  ['no log yet', {}, []],
  ['an empty one', { 'output.log': '' }, []],
  ['fewer lines than wanted', { 'output.log': 'a\nb\n' }, ['a', 'b']],
  ['more', { 'output.log': 'a\nb\nc\nd\n' }, ['b', 'c', 'd']],
  ['a last line that has not ended', { 'output.log': 'a\nb\nc\nd' }, ['b', 'c', 'd']],
  ['empty lines', { 'output.log': '\n\n\n\n' }, ['', '', '']],
  ['a log that was just rotated', { 'output.log': '', 'output.log.1': 'a\nb\n' }, ['a', 'b']],
  ['lines in both', { 'output.log': 'c\n', 'output.log.1': 'x\na\nb\n' }, ['a', 'b', 'c']],
  ['a line that began before the rotation', { 'output.log': 'c\nd\n', 'output.log.1': 'a\nb\nc' }, ['b', 'cc', 'd']],
  ['bytes that are no text', { 'output.log': 'a\xffb\n' }, ['a\uFFFDb']],
])('%s', (_, files, lines) => {
  const directory = makeLog()
  for (const [name, text] of Object.entries(files)) writeFileSync(`${directory}/${name}`, text, 'latin1')
  expect(readTailSync(directory, 3)).toEqual(lines)
})

test('a log that has just been rotated does not look empty', async () => {
  const directory = makeLog({ 'output.log': numbered(90) })
  await rotateOnce(directory)
  expect(readTailSync(directory, 2)).toEqual(['000000088', '000000089'])
})

test('it reads no more than it may, and leaves out a line that is cut', () => {
  const directory = makeLog({ 'output.log': numbered(100_000) })
  expect(readTailSync(directory, 10, 35)).toEqual(['000099997', '000099998', '000099999'])
  expect(readTailSync(directory, 1_000_000)).toHaveLength(6553)
  expect(readTailSync(makeLog({ 'output.log': `${'x'.repeat(100)}\n` }), 5, 10)).toEqual(['x'.repeat(9)])
  expect(readTailSync(makeLog({ 'output.log': 'x'.repeat(100) }), 5, 10)).toEqual(['x'.repeat(10)])
})

test('whatever was written, these are its last lines', () => {
  const text = fc.string({ unit: fc.constantFrom('\n', 'a', '\xff'), maxLength: 40 })
  fc.assert(
    fc.property(text, text, fc.integer({ min: 1, max: 6 }), (older, newer, lines) => {
      const directory = makeLog()
      // Long lines, so that a chunk ends in the middle of one.
      const [old, live] = [older, newer].map((text) => Buffer.from(text.replaceAll('a', 'a'.repeat(5000)), 'latin1'))
      writeFileSync(`${directory}/output.log.1`, old ?? '')
      writeFileSync(`${directory}/output.log`, live ?? '')
      const all = Buffer.concat([old ?? Buffer.alloc(0), live ?? Buffer.alloc(0)]).toString('latin1')
      const wanted = all.match(/[^\n]*\n|[^\n]+$/g)?.slice(-lines) ?? []
      expect(readTail(directory, { lines, maxBytes: 1024 ** 2 }).bytes.toString('latin1')).toBe(wanted.join(''))
    }),
    { numRuns: 50 },
  )
})

// The last lines go to the server with an event: they must never be those of a file that only we may read.
test.each(['output.log', 'output.log.1'])('a link in the place of %s is not read', (name) => {
  const directory = makeLog()
  symlinkSync('/etc/passwd', `${directory}/${name}`)
  expect(() => readTailSync(directory, 3)).toThrow(/symbolic link/)
})
