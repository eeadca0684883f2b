import { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { systemClock } from '@bootagent/runtime'
import { createFakeClock } from '@bootagent/runtime/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { followLog } from '../../src/logs/follow.ts'
import { readTail } from '../../src/logs/read-tail.ts'
import { makeLog, numbered, rotateOnce } from './log-place.ts'

interface Follower {
  /** Resolves when exactly this was passed on since the beginning. */
  readonly hasRead: (text: string) => Promise<void>
  /** Keeps what is passed on from being written until it is let go. */
  readonly hold: () => () => void
  readonly ended: Promise<void>
}

function follow(directory: string, clock = systemClock): Follower {
  const abort = new AbortController()
  const { at, before } = readTail(directory, { lines: 0, maxBytes: 1024 })
  let read = ''
  let gate = Promise.resolve()
  const write = async (bytes: Buffer) => {
    read += bytes.toString('latin1')
    await gate
  }
  const ended = followLog({ directory, from: { at, before }, clock, write }, abort.signal)
  ended.catch(() => undefined)
  onTestFinished(async () => {
    abort.abort()
    await ended.catch(() => undefined)
  })
  return {
    ended,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return resolve
    },
    hasRead: (text) =>
      vi.waitFor(() => {
        if (read !== text) throw new Error(`${read.length} bytes were read, not ${text.length}`)
      }, 20_000),
  }
}

test('it passes on what is written from now on, and nothing from before', async () => {
  const directory = makeLog({ 'output.log': 'before\n' })
  const { hasRead } = follow(directory)
  appendFileSync(`${directory}/output.log`, 'one\n')
  await hasRead('one\n')
  appendFileSync(`${directory}/output.log`, 'two, not yet ended')
  await hasRead('one\ntwo, not yet ended')
})

// Copy and truncate: what a follower has not read yet is in another file from one moment to the next.
test('of a log that is rotated again and again no line is lost, and none comes twice', async () => {
  const directory = makeLog({ 'output.log': numbered(50) })
  const { hasRead, hold } = follow(directory)
  let written = ''
  const write = (count: number) => {
    const lines = numbered(count, 50 + written.length / 10)
    appendFileSync(`${directory}/output.log`, lines)
    written += lines
  }
  write(10)
  await hasRead(written)
  // Once while everything is read, once while some is not, and then several times before it is looked at again.
  for (const rotations of [1, 1, 2, 3]) {
    write(90)
    await hasRead(written)
    const letGo = hold()
    write(90)
    for (let time = 0; time < rotations; time++) {
      await rotateOnce(directory)
      write(90)
    }
    letGo()
    await hasRead(written)
  }
})

test('it notices that the log was emptied though it is longer than before already', async () => {
  const directory = makeLog({ 'output.log': numbered(10) })
  const { hasRead, hold } = follow(directory)
  appendFileSync(`${directory}/output.log`, 'seen\n')
  await hasRead('seen\n')
  const letGo = hold()
  writeFileSync(`${directory}/output.log`, numbered(80, 1000))
  letGo()
  await hasRead(`seen\n${numbered(80, 1000)}`)
})

// The host may have no watches left.
test('where the kernel tells nothing it is looked once a second', async () => {
  const clock = createFakeClock()
  const directory = makeLog()
  rmSync(directory, { recursive: true })
  const { hasRead } = follow(directory, clock)
  await clock.sleeping()
  mkdirSync(directory)
  writeFileSync(`${directory}/output.log`, 'first\n')
  await clock.advance(1000)
  await hasRead('first\n')
})

test('an agent that is installed anew is followed on', async () => {
  const directory = makeLog({ 'output.log': numbered(10) })
  const { hasRead } = follow(directory)
  appendFileSync(`${directory}/output.log`, 'old\n')
  await hasRead('old\n')
  rmSync(`${directory}/output.log`)
  writeFileSync(`${directory}/output.log`, 'new\n')
  await hasRead('old\nnew\n')
})

test('a link that takes the place of the log ends it', async () => {
  const directory = makeLog({ 'output.log': 'x' })
  const { ended } = follow(directory)
  rmSync(`${directory}/output.log`)
  symlinkSync('/etc/passwd', `${directory}/output.log`)
  await expect(ended).rejects.toMatchObject({ code: 'disk-error' })
})
