import { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { silentLog, systemClock } from '@bootagent/runtime'
import { createFakeClock, type FakeClock, stressService } from '@bootagent/runtime/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type CaretakerParts, createLogCaretaker, type LogCaretaker } from '../../src/logs/caretaker.ts'
import { filesOf, makeLogs, numbered, SMALL } from './log-place.ts'

/** What there was told of output that was not kept. */
type Told = [name: string, bytes: number, why: string][]

interface Stage {
  readonly caretaker: LogCaretaker
  readonly clock: FakeClock
  readonly names: string[]
  readonly told: Told
  readonly warned: unknown[]
  readonly directoryOf: (name: string) => string
  /** Resolves when every loop rests again, that of each agent and the one that asks for their names. */
  readonly atRest: () => Promise<void>
}

async function startCaretaker(...names: string[]): Promise<Stage> {
  const { paths, directoryOf } = makeLogs(...names)
  const clock = createFakeClock()
  const told: Told = []
  const warned: unknown[] = []
  const log = Object.assign(Object.create(silentLog) as CaretakerParts['log'], {
    warn: (fields: unknown) => void warned.push(fields),
  })
  const dropped = (...args: Told[number]) => void told.push(args)
  const caretaker = createLogCaretaker({ paths, names: () => names, clock, log, settings: SMALL, dropped })
  onTestFinished(() => caretaker.stop())
  await caretaker.start()
  const atRest = () => clock.sleeping(names.length + 1)
  await atRest()
  return { caretaker, clock, names, told, warned, directoryOf, atRest }
}

/** Time goes on until each agent was looked at again. */
async function lookAgain({ clock, atRest }: Stage, ms = 10_000): Promise<void> {
  await clock.advance(ms)
  await atRest()
}

test('each log is looked at while it is at rest, and rotated when it is full', async () => {
  const stage = await startCaretaker('tiny', 'other')
  appendFileSync(`${stage.directoryOf('tiny')}/output.log`, numbered(90))
  appendFileSync(`${stage.directoryOf('other')}/output.log`, numbered(10))
  await lookAgain(stage)
  expect(filesOf(stage.directoryOf('tiny'))).toEqual({ 'output.log': '', 'output.log.1': numbered(90) })
  expect(filesOf(stage.directoryOf('other'))).toEqual({ 'output.log': numbered(10) })
  expect(stage.caretaker.droppedBytes('tiny')).toBe(0)
})

test('what was there before is brought within its bounds at the start', async () => {
  const { paths, directoryOf } = makeLogs('tiny')
  for (const number of [1, 2, 3, 4, 5]) writeFileSync(`${directoryOf('tiny')}/output.log.${number}`, numbered(90))
  const clock = createFakeClock()
  const parts = { paths, names: () => ['tiny'], clock, log: silentLog, settings: SMALL, dropped: () => undefined }
  const caretaker = createLogCaretaker(parts)
  onTestFinished(() => caretaker.stop())
  await caretaker.start()
  await clock.sleeping(2)
  expect(Object.keys(filesOf(directoryOf('tiny')))).toEqual(['output.log.1', 'output.log.2', 'output.log.3'])
})

test('the faster it grows, the sooner it is looked at again', async () => {
  const stage = await startCaretaker('tiny')
  // Half full after 10 s: it would be full in 7.5 s more, so half of that is waited.
  appendFileSync(`${stage.directoryOf('tiny')}/output.log`, numbered(50))
  await lookAgain(stage)
  appendFileSync(`${stage.directoryOf('tiny')}/output.log`, numbered(50, 50))
  await lookAgain(stage, 3750)
  expect(filesOf(stage.directoryOf('tiny'))).toEqual({ 'output.log': '', 'output.log.1': numbered(100) })
})

test('what is not kept is counted, and told at once and then once a minute', async () => {
  const stage = await startCaretaker('tiny')
  const flood = async () => {
    appendFileSync(`${stage.directoryOf('tiny')}/output.log`, numbered(1000))
    await lookAgain(stage)
  }
  await flood()
  expect(stage.told).toEqual([['tiny', 9000, 'flood']])
  for (let time = 0; time < 5; time++) await flood()
  expect([stage.told.length, stage.caretaker.droppedBytes('tiny')]).toEqual([1, 54_000])
  await flood()
  expect(stage.told.slice(1)).toEqual([['tiny', 54_000, 'flood']])
  await flood()
  await stage.caretaker.stop()
  expect(stage.told.slice(2)).toEqual([['tiny', 9000, 'flood']])
  expect(stage.caretaker.droppedBytes('tiny')).toBe(72_000)
})

test('what one agent puts in the way is said once, and keeps nobody else’s log from being kept', async () => {
  const stage = await startCaretaker('hostile', 'tiny')
  mkdirSync(`${stage.directoryOf('hostile')}/elsewhere`)
  symlinkSync('x'.repeat(900), `${stage.directoryOf('hostile')}/output.log`)
  for (let time = 0; time < 3; time++) {
    appendFileSync(`${stage.directoryOf('tiny')}/output.log`, numbered(90, time))
    await lookAgain(stage)
  }
  expect(filesOf(stage.directoryOf('tiny'))).toMatchObject({ 'output.log.1': numbered(90, 2), 'output.log.3': numbered(90) })
  expect(stage.warned).toEqual([{ agent: 'hostile', why: expect.stringContaining('symbolic link') }])
})

test('an agent that is installed later is looked after, and one that is gone is not', async () => {
  const stage = await startCaretaker('gone')
  rmSync(stage.directoryOf('gone'), { recursive: true })
  stage.names.splice(0, 1, 'tiny')
  mkdirSync(stage.directoryOf('tiny'), { recursive: true })
  writeFileSync(`${stage.directoryOf('tiny')}/output.log`, numbered(90))
  await lookAgain(stage)
  await vi.waitFor(() => expect(filesOf(stage.directoryOf('tiny'))).toMatchObject({ 'output.log': '' }))
  mkdirSync(stage.directoryOf('gone'), { recursive: true })
  writeFileSync(`${stage.directoryOf('gone')}/output.log`, numbered(90))
  await lookAgain(stage)
  await lookAgain(stage)
  expect(filesOf(stage.directoryOf('gone'))).toEqual({ 'output.log': numbered(90) })
  expect(stage.warned).toEqual([])
})

test('it keeps the contract of a service', async () => {
  const { paths } = makeLogs('tiny')
  const parts = { paths, names: () => ['tiny'], clock: systemClock, log: silentLog, settings: SMALL, dropped: () => undefined }
  await stressService(() => createLogCaretaker(parts))
})
