import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import process from 'node:process'
import { readProc } from './read-proc.ts'

/** A living process; a zombie is none. */
export interface Found {
  readonly pid: number
  readonly parent: number
  readonly argv: readonly string[]
}

/** Every process, but this one, that has the directory in its environment, whoever started it. */
export function processesOf(directory: string): Found[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => readProc(`${name}/environ`)?.includes(directory) === true)
    .flatMap((name) => {
      const stat = readProc(`${name}/stat`)
      const argv = readProc(`${name}/cmdline`)
      if (stat === undefined || argv === undefined || argv === '') return []
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return state === 'Z' || state === 'X' ? [] : [{ pid: Number(name), parent: Number(parent), argv: argv.split('\0') }]
    })
}

/** Agents of a benchmark sleep for so many seconds and their number: by that they are told apart. */
const SLEEP = 1_000_000

/** What the agent of that number is called with. */
export function sleepOf(number: number): string {
  return String(SLEEP + number)
}

/** The number of the agent whose process this is; undefined when it is none. */
export function agentNumber({ argv }: Found): number | undefined {
  const number = Number(argv[1]) - SLEEP
  return basename(argv[0] ?? '') === 'sleep' && number >= 0 ? number : undefined
}
