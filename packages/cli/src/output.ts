import type { Io, Sink } from './io.ts'
import { printable, printableJson } from './printable.ts'

/** What a view needs to know of the moment and of the reader. */
export interface Look {
  /** Unix seconds. */
  readonly now: number
  /** Names in full. */
  readonly wide: boolean
  readonly colourful: boolean
}

/** The only writer: data to stdout, talk to stderr, and nothing of a host's that a terminal would act on. */
export interface Output {
  /** The answer itself: the value as one line of JSON, or what the view makes of it, whose cells are harmless already. */
  answer(value: object, view: (look: Look) => string): void
  /** Something on the way to the answer: a line of JSON among the data, or a line of talk. */
  event(value: object, line: string): void
  /** A hint for a person; a program that reads JSON is spared it. */
  say(line: string): void
  /** What must be said in any case. */
  warn(line: string): void
  /** Characters in a line of talk. */
  readonly width: number
  /** Redraws the one line of progress, or with an empty text takes it away; only on a terminal. */
  progress(text: string): void
}

/** Writes as the reader wishes: JSON or tables, short names or whole ones, colour where it can be seen. */
export function createOutput(io: Io, reader: { readonly json: boolean; readonly wide: boolean }): Output {
  const look = (): Look => ({ now: io.clock.now() / 1000, wide: reader.wide, colourful: isColourful(io.stdout, io.env) })
  const talk = (line: string) => io.stderr.write(`${printable(line)}\n`)
  const data = (value: object) => io.stdout.write(`${printableJson(value)}\n`)
  return {
    answer: (value, view) => void (reader.json ? data(value) : io.stdout.write(view(look()))),
    event: (value, line) => void (reader.json ? data(value) : talk(line)),
    say: (line) => void (reader.json || talk(line)),
    warn: (line) => void talk(`bootfleet: ${line}`),
    width: io.stderr.columns ?? 80,
    progress: (text) => void (io.stderr.isTTY && io.stderr.write(`\r\x1b[K${printable(text)}`)),
  }
}

/** Colour only where a person sees it (no-color.org: set and not empty means none). */
function isColourful(sink: Sink, env: Io['env']): boolean {
  return sink.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
}
