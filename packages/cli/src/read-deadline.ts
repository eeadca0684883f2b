import { CliError } from './errors.ts'

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const

/** `90s`, `30m`, `2h` or `1d` from now (milliseconds), or a date such as `2026-01-31T18:00:00Z` ▸ Unix seconds. Throws CliError. */
export function readDeadline(written: string, now: number): number {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(written) ?? []
  if (amount !== undefined && unit !== undefined)
    return Math.ceil(now / 1000) + Number(amount) * UNITS[unit as keyof typeof UNITS]
  const at = /^\d{4}-\d{2}-\d{2}/.test(written) ? Date.parse(written) : Number.NaN
  if (Number.isNaN(at))
    throw new CliError('usage', `--deadline ${written}: write 90s, 30m, 2h, 1d or a date like 2026-01-31T18:00:00Z`)
  if (at <= now) throw new CliError('usage', `--deadline ${written} has passed already`)
  return Math.floor(at / 1000)
}
