import { lstatSync } from 'node:fs'
import { diskError, namesIfThere } from '@bootagent/runtime'
import type { LogSizes } from './rotation.ts'

/** Where an agent's output goes, in its log directory; the agent itself has it open for as long as it runs. */
export const LIVE = 'output.log'
/** A copy that is being made: it is whole only under its next name. */
export const COPY = `${LIVE}.new`

/** What was `output.log` before; 1 is the newest. */
export function oldName(number: number): string {
  return `${LIVE}.${number}`
}

/** The size of `output.log`, or undefined when there is none. What takes its place counts as what it is: a link by its own size. */
export function liveSize(directory: string): number | undefined {
  return sizeOf(`${directory}/${LIVE}`)
}

/** The sizes of all files of a log, whatever their number. */
export async function readSizes(directory: string): Promise<LogSizes> {
  const numbers = ((await namesIfThere(directory)) ?? []).flatMap((name) => OLD.exec(name)?.[1] ?? []).map(Number)
  const sizes = numbers.map((number) => sizeOf(`${directory}/${oldName(number)}`))
  const old = numbers.flatMap((number, at): [number, number][] => {
    const size = sizes[at]
    return size === undefined ? [] : [[number, size]]
  })
  return { live: liveSize(directory) ?? 0, old: new Map(old) }
}

const OLD = /^output\.log\.([1-9]\d{0,5})$/

/** At once: the look is a microsecond, and handing it to another thread would be fifty. */
function sizeOf(path: string): number | undefined {
  try {
    return lstatSync(path).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw diskError(`looking at ${path}`, error)
  }
}
