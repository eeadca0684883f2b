import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import process from 'node:process'
import { describe, expect, onTestFinished, test } from 'vitest'
import { rotate } from '../../src/logs/rotate.ts'
import { filesOf, makeLog, numbered, rotateOnce } from './log-place.ts'

describe('a rotation', () => {
  test('leaves small logs, and agents that have none, alone', async () => {
    const directory = makeLog({ 'output.log': numbered(87) })
    expect(await rotateOnce(directory)).toEqual([])
    expect(filesOf(directory)).toEqual({ 'output.log': numbered(87) })
    expect(await rotateOnce(`${directory}/nowhere`)).toEqual([])
  })

  test('moves what is there aside, and the agent goes on at the beginning, without a hole', async () => {
    const directory = makeLog()
    const agent = openSync(`${directory}/output.log`, 'a')
    onTestFinished(() => closeSync(agent))
    writeSync(agent, numbered(90))
    await rotateOnce(directory)
    writeSync(agent, 'after\n')
    expect(filesOf(directory)).toEqual({ 'output.log': 'after\n', 'output.log.1': numbered(90) })
  })

  // A daemon may have any umask, and operators of the group are to read logs.
  test('makes files that their group may read, and others may not', async () => {
    const directory = makeLog({ 'output.log': numbered(90) })
    const before = process.umask(0o077)
    onTestFinished(() => void process.umask(before))
    await rotateOnce(directory)
    expect(statSync(`${directory}/output.log.1`).mode & 0o777).toBe(0o640)
  })

  test('moves older files up, and the oldest makes room', async () => {
    const directory = makeLog()
    for (let time = 1; time <= 6; time++) {
      appendFileSync(`${directory}/output.log`, numbered(90, time * 100))
      expect(await rotateOnce(directory)).toEqual([])
    }
    expect(filesOf(directory)).toEqual({
      'output.log': '',
      'output.log.1': numbered(90, 600),
      'output.log.2': numbered(90, 500),
      'output.log.3': numbered(90, 400),
    })
  })

  test('takes bytes as they are', async () => {
    const bytes = Buffer.from(Array.from({ length: 1000 }, (_, at) => at % 256))
    const directory = makeLog({ 'output.log': '' })
    writeFileSync(`${directory}/output.log`, bytes)
    await rotateOnce(directory)
    expect(readFileSync(`${directory}/output.log.1`)).toEqual(bytes)
  })

  test('after a flood keeps the newest segment, and counts what it gives up', async () => {
    const directory = makeLog({ 'output.log': numbered(1000) })
    expect(await rotateOnce(directory)).toEqual([{ bytes: 9000, why: 'flood' }])
    expect(filesOf(directory)).toEqual({ 'output.log': '', 'output.log.1': numbered(100, 900) })
  })

  // It may be what an agent says before it dies.
  test('of what came faster than it could be copied keeps the newest', async () => {
    const directory = makeLog({ 'output.log': numbered(1000) })
    // As if it had grown to that while it was copied.
    const [dropped, ...others] = await rotate(directory, { kind: 'rotate', drop: [], shift: [], from: 0, most: 1000, spare: 400 })
    const { 'output.log': left, 'output.log.1': kept = '' } = filesOf(directory)
    expect([left, others, dropped]).toEqual(['', [], { bytes: 10_000 - kept.length, why: 'flood' }])
    expect(kept.startsWith(numbered(100))).toBe(true)
    expect(kept.endsWith(numbered(2, 998))).toBe(true)
    expect(kept.length).toBeLessThanOrEqual(1400)
  })

  test('after a change of settings drops what is too much', async () => {
    const directory = makeLog({
      'output.log': 'x',
      'output.log.1': 'a',
      'output.log.2': 'b',
      'output.log.3': 'c',
      'output.log.9': 'd',
    })
    await rotateOnce(directory)
    expect(Object.keys(filesOf(directory))).toEqual(['output.log', 'output.log.1', 'output.log.2', 'output.log.3'])
  })
})

// The directory may one day belong to an agent's user, and we may be root: nothing it puts there is followed, or waited for.
describe('what a hostile agent may put in the place of', () => {
  function makeTrap(files: Readonly<Record<string, string>>): { directory: string; victim: string } {
    const directory = makeLog(files)
    const victim = `${directory}-victim`
    writeFileSync(victim, numbered(95))
    return { directory, victim }
  }

  test('output.log: a link is neither read nor emptied', async () => {
    const { directory, victim } = makeTrap({ 'output.log.1': numbered(90) })
    symlinkSync(victim, `${directory}/output.log`)
    // Its own size is a link's: only a change of settings makes us open it.
    await expect(rotateOnce(directory, { total: 40, files: 2 })).rejects.toMatchObject({
      code: 'disk-error',
      message: expect.stringContaining('symbolic link'),
    })
    expect(readFileSync(victim, 'latin1')).toBe(numbered(95))
  })

  test('output.log: a second name of another file is neither read nor emptied', async () => {
    const { directory, victim } = makeTrap({})
    linkSync(victim, `${directory}/output.log`)
    await expect(rotateOnce(directory)).rejects.toMatchObject({ message: expect.stringContaining('hard link') })
    expect(readFileSync(victim, 'latin1')).toBe(numbered(95))
    expect(Object.keys(filesOf(directory))).toEqual(['output.log'])
  })

  test('output.log: a pipe is not waited for', async () => {
    const { directory } = makeTrap({})
    execFileSync('mkfifo', [`${directory}/output.log`])
    // As if it had been put there after its size was asked for.
    const rotating = rotate(directory, { kind: 'rotate', drop: [], shift: [], from: 0, most: 1000, spare: 125 })
    await expect(rotating).rejects.toMatchObject({ message: expect.stringContaining('not a regular file') })
  })

  test.each(['output.log.1', 'output.log.3', 'output.log.new'])(
    '%s: a link is replaced, and what it names stays',
    async (name) => {
      const { directory, victim } = makeTrap({ 'output.log': numbered(90), 'output.log.2': numbered(90, 500) })
      symlinkSync(victim, `${directory}/${name}`)
      expect(await rotateOnce(directory)).toEqual([])
      expect(readFileSync(victim, 'latin1')).toBe(numbered(95))
      expect(filesOf(directory)).toMatchObject({ 'output.log': '', 'output.log.1': numbered(90) })
    },
  )

  test.each(['output.log.3', 'output.log.new'])(
    '%s: a directory does not make the log grow without bound; what is given up is counted',
    async (name) => {
      const { directory } = makeTrap({ 'output.log': numbered(90), 'output.log.1': 'a', 'output.log.2': 'b' })
      mkdirSync(`${directory}/${name}/full`, { recursive: true })
      expect(await rotateOnce(directory)).toEqual([{ bytes: 900, why: 'in-the-way' }])
      expect(filesOf(directory)).toMatchObject({ 'output.log': '', 'output.log.1': 'a', 'output.log.2': 'b' })
    },
  )
})
