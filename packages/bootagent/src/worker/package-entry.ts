import type { TarEntry } from './read-tar.ts'

/** An entry and the part of the package it is in; `control` is a deb's own, which is never installed. */
export interface PackageEntry extends TarEntry {
  readonly part: 'payload' | 'control'
}

/** Hands on what comes out of a decompressor, and throws when it is too much. */
export type Meter = (unpacked: AsyncIterable<Buffer>) => AsyncIterable<Buffer>
