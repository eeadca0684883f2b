import type { WrittenEntry } from './judge-entry.ts'
import type { Script } from './request.ts'

/** One entry, its bytes until the next one is asked for, and the part of the package it is in; `control` is a deb's own, which is never installed. */
export interface PackageEntry extends WrittenEntry {
  readonly body: AsyncIterable<Buffer>
  readonly part: 'payload' | 'control'
}

/** What a package's own control data says of it. */
export interface Claims {
  /** In the packager's words: `amd64`, `x86_64`. */
  readonly arch?: string
  readonly os?: string
  /** What its packager would have run, and we do not. */
  readonly scripts?: readonly Script[]
}

/** What readers of packages hand out: claims before the first entry, if any. */
export type PackageItem = PackageEntry | { readonly part: 'claims'; readonly claims: Claims }

/** Hands on what comes out of a decompressor, and throws when it is too much. */
export type Meter = (unpacked: AsyncIterable<Buffer>) => AsyncIterable<Buffer>
