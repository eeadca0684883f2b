import { createHash } from 'node:crypto'

/** What the control groups of a BootAgent lie under: 8 hex digits of its home, so that two on one host never meet in a group. */
export function groupKey(home: string): string {
  return createHash('sha256').update(home).digest('hex').slice(0, 8)
}
