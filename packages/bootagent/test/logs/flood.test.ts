import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lstatSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { program } from '../state/program.ts'
import { bytesIn, filesOf, makeLogs } from './log-place.ts'

const TOTAL = 8 * 1024 ** 2
const FLOOD = 300_000_000

interface Started {
  readonly nextLine: () => Promise<string>
  readonly ended: Promise<unknown>
  readonly end: () => void
}

function start(...command: [string, ...string[]]): Started {
  const [file, ...args] = command
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return { ended, nextLine: async () => (await lines.next()).value ?? '', end: () => child.kill('SIGTERM') }
}

// F8: PM2's hosts ran full by logs of 13 and 60 GB. An agent can write faster than any disk; what is kept is bounded, and so are we.
test('a flood of 300 MB is kept within its bound, costs no memory, and does not stop the agent', async () => {
  const { paths, directoryOf } = makeLogs('tiny')
  const directory = directoryOf('tiny')
  const caretaker = start(...program('logs/fixtures/tend', paths.home, 'tiny', String(TOTAL), '4'))
  expect(await caretaker.nextLine()).toBe('ready')
  const agent = start(...program('logs/fixtures/flood', `${directory}/output.log`, String(FLOOD)))
  let flooding = true
  const done = agent.nextLine().then((line) => {
    flooding = false
    return line
  })
  // What `output.log` grows by between two looks is the agent's speed; all the rest is ours, and within the total at each moment.
  let most = 0
  while (flooding) {
    most = Math.max(most, bytesIn(directory, ['output.log']))
    await setTimeout(2)
  }
  expect(await done).toBe('done')
  expect(most).toBeLessThanOrEqual(TOTAL)
  expect(most).toBeGreaterThan(0)

  while (existsSync(`${directory}/output.log.new`) || lstatSync(`${directory}/output.log`).size > TOTAL / 4) {
    await setTimeout(2)
  }
  caretaker.end()
  const { grown, dropped } = JSON.parse(await caretaker.nextLine()) as { grown: number; dropped: number }
  expect(grown).toBeLessThan(32 * 1024 ** 2)
  expect(bytesIn(directory)).toBeLessThanOrEqual(TOTAL)
  expect(dropped).toBeLessThan(FLOOD)
  expect(numbersIn(directory)).toEqual([...new Set(numbersIn(directory))].sort((a, b) => a - b))
})

/** The whole lines of all files by their number, the oldest file first. */
function numbersIn(directory: string): number[] {
  const oldestFirst = Object.entries(filesOf(directory)).toSorted(([a], [b]) => Number(b.slice(11)) - Number(a.slice(11)))
  return oldestFirst.flatMap(([, text]) => [...text.matchAll(/^(\d{12}) x{86}$/gm)].map(([, number]) => Number(number)))
}
