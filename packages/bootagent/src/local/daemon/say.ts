import process from 'node:process'
import type { Paths } from '../../state/paths.ts'
import { printable, printableJson } from '../printable.ts'
import { followGuardLog } from './guard-log.ts'

/** What a command came to: a sentence for people, or an object for machines. */
export function sayResult(json: boolean, sentence: string, object: object): void {
  process.stdout.write(json ? `${printableJson(object)}\n` : `${printable(sentence)}\n`)
}

/** What is going on, or went wrong. */
export function sayAside(sentence: string): void {
  process.stderr.write(`bootagent: ${printable(sentence)}\n`)
}

/** Says what the guard, and whatever it starts, says from the beginning of its log on or from now on; each time it is asked to. */
export function passOnGuardLog({ run }: Pick<Paths, 'run'>, from: 'beginning' | 'end'): () => void {
  const news = followGuardLog(run, from)
  return () => {
    for (const line of news()) sayAside(line.replace(/^bootagent: /, ''))
  }
}
