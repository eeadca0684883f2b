import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HEAD_BYTES, type ProgramHead, readProgramHead } from './program-head.ts'

/** The head of an ELF file for this machine, as its own byte order writes it. */
function elf(machine: number, order: 'little' | 'big' = 'little'): Buffer {
  const head = Buffer.alloc(64)
  head.write('\x7fELF', 'latin1')
  head[5] = order === 'little' ? 1 : 2
  if (order === 'little') head.writeUInt16LE(machine, 18)
  else head.writeUInt16BE(machine, 18)
  return head
}

const NATIVE: ProgramHead = { kind: 'native' }
const foreign = (processor: string): ProgramHead => ({ kind: 'foreign', processor })
const script = (interpreter: string): ProgramHead => ({ kind: 'script', interpreter })

test.each<[what: string, head: Buffer, found: ProgramHead]>([
  ['made for the host', elf(62), NATIVE],
  ['made for its elder, which it runs as well', elf(3), NATIVE],
  ['made for another processor', elf(183), foreign('arm64')],
  ['made for one that writes its numbers the other way round', elf(22, 'big'), foreign('s390x')],
  ['made for one nobody has heard of', elf(9999), foreign('machine 9999')],
  ['cut off before it says for whom', elf(183).subarray(0, 19), NATIVE],
  ['with nothing in it', Buffer.alloc(0), NATIVE],
  ['without a first line that says so', Buffer.from('echo hello\n'), NATIVE],
  ['a script', Buffer.from('#!/bin/sh\nexit 0\n'), script('/bin/sh')],
  ['a script with an argument and blanks', Buffer.from('#! \t/usr/bin/env -S python3\n'), script('/usr/bin/env')],
  ['a script of nobody', Buffer.from('#!\n'), script('')],
  ['a script cut off in its first line', Buffer.from('#!/bin/s'), script('/bin/s')],
])('a program %s', (_what, head, found) => {
  expect(readProgramHead(head, 'x64')).toEqual(found)
})

test('an elder does not run what was made for its successor', () => {
  expect(readProgramHead(elf(62), 'ia32')).toEqual(foreign('x64'))
})

// A package may hold anything, and one that cannot be read must not end supervision.
test('whatever the bytes, they are read without a throw', () => {
  const bytes = fc.uint8Array({ maxLength: HEAD_BYTES }).map((each) => Buffer.from(each))
  const beginnings = fc.constantFrom('', '#!', '\x7fELF', '\x7fELF\x02\x02').map((each) => Buffer.from(each, 'latin1'))
  fc.assert(
    fc.property(beginnings, bytes, fc.constantFrom('x64', 'arm64', ''), (beginning, rest, processor) => {
      const found = readProgramHead(Buffer.concat([beginning, rest]).subarray(0, HEAD_BYTES), processor)
      expect(['native', 'script', 'foreign']).toContain(found.kind)
    }),
  )
})
