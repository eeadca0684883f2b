import type { Arch } from '../build/node-binary.ts'
import type { Product } from './products.ts'

/** One package to make: of what, which version, for which processor. */
export interface Release {
  readonly product: Product
  /** The build's version. */
  readonly version: string
  /** Counts packages of one version, from 1. */
  readonly release: number
  readonly arch: Arch
  /** Twelve digits of the commit it was built from. */
  readonly commit: string
  /** Of the build, in seconds since 1970: every file and every package made of it carries it. */
  readonly epoch: number
}

/** Splits what follows the name on the command line: `1.2.1-3` is release 3 of 1.2.1, `1.2.1` is its release 1. */
export function splitVersion(text: string): { readonly version: string; readonly release: number } {
  const found = /^(.+)-([1-9]\d{0,5})$/.exec(text)
  return found?.[1] === undefined ? { version: text, release: 1 } : { version: found[1], release: Number(found[2]) }
}

/**
 * A version in the words of dpkg and rpm, for which `-` ends it and `~` sorts before nothing: 1.3.0-rc.1 becomes 1.3.0~rc.1, which is older
 * than 1.3.0. `_` is not allowed in a version of dpkg's.
 */
export function packagedVersion(version: string): string {
  return version.replaceAll('-', '~').replaceAll('_', '.')
}

/** A processor by its name in each world. */
export const ARCH_NAMES: Readonly<Record<Arch, { readonly deb: string; readonly rpm: string }>> = {
  x64: { deb: 'amd64', rpm: 'x86_64' },
  arm64: { deb: 'arm64', rpm: 'aarch64' },
}

/** Kinds of package, by the end of their file's name. */
export const FORMATS = ['deb', 'rpm', 'tar.gz'] as const
export type Format = (typeof FORMATS)[number]

/** What a package's file is called: NAME-VERSION-RELEASE.ARCH as in seed 001, and a .deb as Debian has it. */
export function fileNameOf({ product, version, release, arch }: Release, format: Format): string {
  const packaged = packagedVersion(version)
  if (format === 'deb') return `${product.plain}_${packaged}-${release}_${ARCH_NAMES[arch].deb}.deb`
  return `${product.name}-${packaged}-${release}.${ARCH_NAMES[arch].rpm}.${format}`
}
