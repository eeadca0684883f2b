/** A package on its way, from wherever it comes. */
export interface Incoming {
  readonly bytes: AsyncIterable<Buffer>
  /** Where in the package the first of them stands: where it was to go on, or 0 when it comes whole. */
  readonly from: number
  /** How many bytes the whole package has, where the source says so. */
  readonly length: number | undefined
  /** What tells the package as it is there now from any other, to be shown when it is gone on with. */
  readonly validator: string | undefined
}

/** Where to go on in a package of which the beginning is here. */
export interface Resume {
  /** Bytes that are here; 0 for none. */
  readonly from: number
  /** What the source said of the package when they came. */
  readonly validator: string | undefined
}

export const FROM_THE_START: Resume = { from: 0, validator: undefined }
