import process from 'node:process'
import { printable, printableJson } from '../printable.ts'

/** What a command came to: a sentence for people, or an object for machines. */
export function sayResult(json: boolean, sentence: string, object: object): void {
  process.stdout.write(json ? `${printableJson(object)}\n` : `${printable(sentence)}\n`)
}

/** What is going on, or went wrong. */
export function sayAside(sentence: string): void {
  process.stderr.write(`bootagent: ${printable(sentence)}\n`)
}
