import { type Attempt, readAttempt } from './attempt.ts'
import { kernelPause } from './kernel-pause.ts'
import { type AttemptsPlace, clanOf, findMain, hasBecome, isAttended } from './look.ts'

/** What became of a start. */
export type Proof =
  | { readonly kind: 'alive'; readonly pid: number }
  /** It has ended already, with this status of the shell's. */
  | { readonly kind: 'ended'; readonly status: number; readonly refused?: string }
  /** There is no sign of it, for whatever reason; the next look will tell. */
  | { readonly kind: 'silent'; readonly why: string }

/** About half a minute: far longer than it takes on a host that is merely busy. */
const ROUNDS = 300

/** Waits until an attempt's program runs, proven by what it wrote about itself and by having become the program, or has ended. */
export async function proveStart(place: AttemptsPlace, directory: string, signal: AbortSignal): Promise<Proof> {
  for (let round = 0; round < ROUNDS && !signal.aborted; round += 1) {
    const proof = lookOnce(place, directory)
    if (proof !== undefined) return proof
    await kernelPause(round)
  }
  return { kind: 'silent', why: signal.aborted ? 'its process was no longer waited for' : 'its process gives no sign of itself' }
}

function lookOnce(place: AttemptsPlace, directory: string): Proof | undefined {
  const attempt = readAttempt(directory)
  if (attempt === undefined) return { kind: 'silent', why: 'its attempt was removed' }
  const main = findMain(attempt, clanOf(place, [attempt]))
  if (main !== undefined) return hasBecome(main) ? { kind: 'alive', pid: main.pid } : undefined
  if (attempt.exit !== undefined) return ended(attempt)
  if (attempt.shim === undefined || isAttended(attempt)) return undefined
  // The shim went between the two reads; what it wrote is there now, if it wrote anything.
  const again = readAttempt(directory)
  return again?.exit === undefined ? { kind: 'silent', why: 'the shim was killed' } : ended(again)
}

function ended({ exit, refused }: Attempt): Proof {
  return { kind: 'ended', status: exit?.status ?? 0, ...(refused === undefined ? {} : { refused }) }
}
