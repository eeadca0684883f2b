import { StringDecoder } from 'node:string_decoder'
import * as v from 'valibot'
import { StepError } from '../errors.ts'
import { WorkerMessage } from './request.ts'

/** A line of a worker, and all it may say at once; characters. */
const LONGEST_LINE = 65_536
const MOST_OUTPUT = 1_048_576
/** And in each second besides: a download may take days, and tells of itself four times a second. */
const MOST_A_SECOND = 1024

/** Cuts a worker's output into messages. What it says is believed no more than the package it reads. */
export interface OutputReader {
  /** The messages that end in this piece; throws on anything that is no message, on too much, and on a message after the last. */
  push(piece: Buffer): WorkerMessage[]
}

/** `uptime` is in seconds and never steps. */
export function createOutputReader(uptime: () => number): OutputReader {
  const began = uptime()
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let seen = 0
  let over = false

  function read(line: string): WorkerMessage {
    if (over) throw new StepError('internal', 'it spoke on after its last message')
    const message = v.parse(WorkerMessage, JSON.parse(line))
    over = message.kind === 'done' || message.kind === 'failed'
    return message
  }

  return {
    push(piece) {
      seen += piece.length
      if (seen > MOST_OUTPUT + (uptime() - began) * MOST_A_SECOND)
        throw new StepError('internal', `it said more than ${MOST_OUTPUT} bytes`)
      const lines = (rest + decoder.write(piece)).split('\n')
      rest = lines.pop() ?? ''
      if ([rest, ...lines].some((line) => line.length > LONGEST_LINE))
        throw new StepError('internal', `it said a line longer than ${LONGEST_LINE} characters`)
      return lines.map(read)
    },
  }
}
