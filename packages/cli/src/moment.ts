/** `2026-01-01 00:00:00Z`: a moment in Unix seconds, in UTC, since hosts and operators are in many places. */
export function moment(seconds: number): string {
  const date = new Date(seconds * 1000)
  // A host's clock may show what no calendar has.
  return Number.isNaN(date.getTime()) ? `${seconds} s` : `${date.toISOString().slice(0, -5).replace('T', ' ')}Z`
}
