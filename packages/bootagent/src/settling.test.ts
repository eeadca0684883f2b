import { createDoorbell, RuntimeError } from '@bootagent/runtime'
import { createFakeClock } from '@bootagent/runtime/testing'
import { expect, test } from 'vitest'
import { exampleMetafile } from '../test/scenes/example-metafile.ts'
import type { Answered } from './remote/conversation.ts'
import { createSettling } from './settling.ts'
import type { Metafile } from './state/metafile-schema.ts'

const answered = (server: string): Answered => ({
  server,
  reply: { status: 0, jobs: [], tags: undefined },
  carried: { jobs: [], events: [], to: server },
})

/** Settling over a disk that does what a test lets it do, one write after another. */
function stage() {
  const clock = createFakeClock()
  const toTell = createDoorbell()
  const begun: { server: string; disk: PromiseWithResolvers<void> }[] = []
  let metafile = exampleMetafile()
  const settling = createSettling({
    clock,
    toTell,
    metafile: {
      read: () => metafile,
      async update(reducer): Promise<Metafile> {
        metafile = reducer(metafile)
        return metafile
      },
    },
    settle({ server }) {
      const disk = Promise.withResolvers<void>()
      begun.push({ server, disk })
      return disk.promise
    },
  })
  /** An answer for which the disk has taken longer than anybody waits. */
  async function leaveLate(server: string): Promise<void> {
    const taken = settling.take(answered(server))
    await clock.sleeping()
    await clock.advance(5000)
    expect(await taken).toBe(false)
  }
  return { clock, toTell, begun, settling, leaveLate, events: () => metafile.events }
}

test('an answer that the disk takes is waited for, and nothing is said of it', async () => {
  const { settling, clock, begun, events } = stage()
  const taken = settling.take(answered('a'))
  await clock.sleeping()
  begun[0]?.disk.resolve()
  expect(await taken).toBe(true)
  await settling.atRest()
  expect(events()).toEqual([])
})

test('one that the disk refuses is refused to whoever brings it', async () => {
  const { settling, begun } = stage()
  const taken = settling.take(answered('a'))
  begun[0]?.disk.reject(new RuntimeError('disk-full', 'no room left on the disk'))
  await expect(taken).rejects.toThrow('no room left')
})

test('while the disk stands still, answers that come are as if they had been lost', async () => {
  const { settling, begun, leaveLate } = stage()
  await leaveLate('a')
  expect([await settling.take(answered('b')), await settling.take(answered('c'))]).toEqual([false, false])
  expect(begun.map(({ server }) => server)).toEqual(['a'])
})

test('once it goes again answers are taken again, and the server is told how long it took', async () => {
  const { settling, clock, toTell, begun, leaveLate, events } = stage()
  await leaveLate('a')
  await clock.advance(55_000)
  begun[0]?.disk.resolve()
  await toTell.wait(new AbortController().signal)
  expect(events()).toMatchObject([{ category: 'disk-slow', extra: { seconds: 60 } }])
  await settling.atRest()
  const taken = settling.take(answered('b'))
  begun[1]?.disk.resolve()
  expect(await taken).toBe(true)
})

test('nobody else has the disk before what is late is there, or was refused', async () => {
  const { settling, begun, leaveLate, events } = stage()
  await leaveLate('a')
  let rested = false
  const rest = settling.atRest().then(() => {
    rested = true
  })
  await Promise.resolve()
  expect(rested).toBe(false)
  begun[0]?.disk.reject(new RuntimeError('disk-full', 'no room left on the disk'))
  await rest
  expect(events()).toEqual([])
})
