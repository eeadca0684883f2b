import { expect, test } from 'vitest'
import { createInbox } from './inbox.ts'

test('things are taken in the order they came, also when the reader waits for them', async () => {
  const inbox = createInbox<string>(new AbortController().signal)
  inbox.put('a')
  inbox.put('b')
  expect([await inbox.take('a thing'), await inbox.take('a thing')]).toEqual(['a', 'b'])
  const third = inbox.take('a thing')
  inbox.put('c')
  expect(await third).toBe('c')
})

test('who waits when the case is over is told what for', async () => {
  const over = new AbortController()
  const taken = createInbox<string>(over.signal).take('a report')
  over.abort(new Error('the BootAgent ended'))
  await expect(taken).rejects.toThrow('the BootAgent ended, awaiting a report')
})

test('what had come before the end can still be taken', async () => {
  const over = new AbortController()
  const inbox = createInbox<string>(over.signal)
  inbox.put('a')
  over.abort(new Error('over'))
  expect(await inbox.take('a thing')).toBe('a')
})
