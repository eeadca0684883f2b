import type { Log } from '@bootagent/runtime'

/** What use cases and routes are given of the outside, so that a test can give something else. */
export interface World {
  /** Unix seconds. */
  readonly now: () => number
  /** A fresh random id, a UUID in production. */
  readonly newId: () => string
  readonly log: Log
}
