import type { Payload } from './payload.ts'
import type { Release } from './release.ts'

/** What a maker of packages is given. */
export interface Making {
  readonly release: Release
  readonly payload: Payload
  /** The repository. */
  readonly root: string
  /** Empty, and removed by whoever made it. */
  readonly work: string
  /** Packed as fast as can be, for tests. */
  readonly quick: boolean
}

/** Makes one package at `path`. */
export type Maker = (making: Making, path: string) => Promise<void>
