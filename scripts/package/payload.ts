/** A file as it is installed. */
export interface PayloadFile {
  /** Absolute, on the host. */
  readonly path: string
  readonly mode: number
  /** Whether it is the administrator's once it is installed: an upgrade leaves changes alone. */
  readonly config?: boolean
  /** A text or bytes, or the path of a file here: executables are not read into memory. */
  readonly content: string | Buffer | { readonly copyOf: string }
}

/** All that a package installs; everything is root's. */
export interface Payload {
  readonly files: readonly PayloadFile[]
  /** Directories that are empty at first, or have modes of their own. */
  readonly directories: readonly { readonly path: string; readonly mode: number }[]
}
