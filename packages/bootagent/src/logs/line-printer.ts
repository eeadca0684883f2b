import { forTerminal } from './for-terminal.ts'

/** For whom an agent's output is printed. */
export interface Printing {
  readonly agent: string
  /** One object a line, `{"agent", "line"}`. */
  readonly json: boolean
  /** Whether a terminal will act on it. */
  readonly terminal: boolean
}

/** Makes what is printed of what an agent wrote, piece by piece as it comes. */
export interface LinePrinter {
  take(bytes: Buffer): Buffer
  /** What is left of a line that has not ended. */
  end(): Buffer
}

/** Neither JSON nor for a terminal, it is printed byte by byte as it was written. */
export function createLinePrinter({ agent, json, terminal }: Printing): LinePrinter {
  if (!json && !terminal) return { take: (bytes) => bytes, end: () => Buffer.alloc(0) }
  let rest = Buffer.alloc(0)

  function show(line: Buffer): string {
    const text = line.toString('utf8')
    return `${json ? lineOfJson({ agent, line: text }) : forTerminal(text)}\n`
  }

  return {
    take(bytes) {
      const all = Buffer.concat([rest, bytes])
      const shown: string[] = []
      let from = 0
      for (let end = all.indexOf('\n'); end !== -1 || all.length - from > LONGEST; end = all.indexOf('\n', from)) {
        const cut = end === -1 || end - from > LONGEST ? from + LONGEST : end
        shown.push(show(all.subarray(from, cut)))
        from = cut === end ? cut + 1 : cut
      }
      rest = Buffer.from(all.subarray(from))
      return Buffer.from(shown.join(''))
    },
    end() {
      const last = rest.length === 0 ? '' : show(rest)
      rest = Buffer.alloc(0)
      return Buffer.from(last)
    },
  }
}

/** A longer line is printed as several: an agent that never ends one must not fill our memory. */
const LONGEST = 64 * 1024

/** JSON leaves C1 controls and marks that turn the direction of writing as they are; a terminal obeys them. */
function lineOfJson(value: { agent: string; line: string }): string {
  return JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}
