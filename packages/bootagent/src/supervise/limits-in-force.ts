import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { WrittenLimits } from '@bootagent/protocol'
import * as v from 'valibot'

/** The limits an attempt runs under, as its directory tells them; it outlives us, and a change replaces it whole. */
export type LimitsInForce = v.InferOutput<typeof LimitsInForce>

const LimitsInForce = v.object({
  limits: WrittenLimits,
  /** Those the host did not take, and why. */
  unapplied: v.array(v.object({ limit: v.picklist(['CPU', 'memory', 'pids', 'nofile', 'disk']), why: v.string() })),
})

/** Undefined for an attempt that is gone, or one of a BootAgent that held no limits. */
export function readLimitsInForce(attempt: string): LimitsInForce | undefined {
  let text: string
  try {
    text = readFileSync(`${attempt}/limits.json`, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const reading = v.safeParse(v.pipe(v.string(), v.parseJson(), LimitsInForce), text)
  return reading.success ? reading.output : undefined
}

/** Replaces it; a reader finds the old or the new. */
export function writeLimitsInForce(
  attempt: string,
  inForce: {
    readonly limits: WrittenLimits
    readonly unapplied: readonly { readonly limit: 'CPU' | 'memory' | 'pids' | 'nofile' | 'disk'; readonly why: string }[]
  },
): void {
  writeFileSync(`${attempt}/.limits.json`, `${JSON.stringify(inForce)}\n`)
  renameSync(`${attempt}/.limits.json`, `${attempt}/limits.json`)
}
