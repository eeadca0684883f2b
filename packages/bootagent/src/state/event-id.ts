import { createHash } from 'node:crypto'
import type { EventCategory } from '@bootagent/protocol'

/**
 * Names an event for ever by what it tells of: the same thing told again has the same id, and is stored once. `parts` must differ
 * between any two things of the category on one host. Sixteen hexadecimal digits of a hash, which operators can type: in a million
 * events of one host the odds that two are alike are one in thirty million.
 */
export function eventId(category: EventCategory, parts: readonly (string | number)[]): string {
  return createHash('sha256')
    .update(JSON.stringify([category, ...parts]))
    .digest('hex')
    .slice(0, 16)
}
