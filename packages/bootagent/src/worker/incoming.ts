/** A package on its way, from wherever it comes. */
export interface Incoming {
  readonly bytes: AsyncIterable<Buffer>
  /** How many there will be, where the source says so. */
  readonly length: number | undefined
}
