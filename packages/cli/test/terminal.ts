import { createFakeClock, type FakeClock } from '@bootagent/runtime/testing'
import { type Io, run } from '../src/index.ts'

/** What a test gives the command besides its arguments. */
export interface Setting {
  readonly env?: Readonly<Record<string, string>>
  /** Both streams are a terminal of that many columns. */
  readonly columns?: number
}

/** An operator's terminal with a clock that stands still, and what was written to it. */
export interface Terminal extends Io {
  readonly clock: FakeClock
  /** All of stdout, or all of stderr, so far. */
  out(): string
  err(): string
  pressCtrlC(): void
}

/** NOW of the fake clock, in Unix seconds. */
export const NOW = Date.UTC(2026, 0, 1) / 1000

export function createTerminal({ env = {}, columns }: Setting = {}): Terminal {
  const out: string[] = []
  const err: string[] = []
  const abort = new AbortController()
  const kind = { isTTY: columns !== undefined, columns }
  return {
    stdout: { ...kind, write: (text) => out.push(text) },
    stderr: { ...kind, write: (text) => err.push(text) },
    env,
    clock: createFakeClock(NOW * 1000),
    interrupt: abort.signal,
    out: () => out.join(''),
    err: () => err.join(''),
    pressCtrlC: () => abort.abort(),
  }
}

/** One command against one server, to its end. */
export async function bootfleet(url: string, argv: readonly string[], setting: Setting = {}) {
  const terminal = createTerminal({ ...setting, env: { BOOTFLEET_SERVER: url, ...setting.env } })
  const code = await run(argv, terminal)
  return { code, out: terminal.out(), err: terminal.err() }
}
