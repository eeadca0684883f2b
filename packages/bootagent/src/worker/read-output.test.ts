import { expect, test } from 'vitest'
import { createOutputReader } from './read-output.ts'

test('messages are read wherever the pieces are cut, within a character too', () => {
  const bytes = Buffer.from('{"kind":"progress","done":1}\n{"kind":"failed","reason":"internal","message":"größer"}\n')
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const reader = createOutputReader(() => 0)
    const messages = [...reader.push(bytes.subarray(0, cut)), ...reader.push(bytes.subarray(cut))]
    expect(messages).toEqual([
      { kind: 'progress', done: 1 },
      { kind: 'failed', reason: 'internal', message: 'größer' },
    ])
  }
})

test('a line that never ends is given up', () => {
  const reader = createOutputReader(() => 0)
  reader.push(Buffer.alloc(65_536, 'x'))
  expect(() => reader.push(Buffer.from('x'))).toThrow('a line longer than')
})
