import { FORMATS, formatOf } from '@bootagent/protocol'

/** What a package's file name says of it; absent where it says nothing. */
interface PackageFacts {
  readonly name?: string
  readonly version?: string
  readonly os?: string
  readonly arch?: string
}

/** Processors as packagers spell them, in Node's words. */
const ARCHES: Readonly<Record<string, string>> = {
  x64: 'x64',
  amd64: 'x64',
  x86_64: 'x64',
  arm64: 'arm64',
  aarch64: 'arm64',
  any: 'any',
  all: 'any',
  noarch: 'any',
}

const SYSTEMS: Readonly<Record<string, string>> = { linux: 'linux' }

/**
 * Reads `NAME_VERSION_ARCH.deb` (deb-version(7)), `NAME-VERSION-RELEASE.ARCH.rpm`, and of all others `NAME-VERSION.tar.gz` and
 * `NAME-VERSION[-.]linux[-.]ARCH.tar.gz`, where the version begins at the first `-` before a digit; undefined for a file that is no package.
 */
export function readPackageFile(file: string): PackageFacts | undefined {
  const format = formatOf(file)
  if (format === undefined) return undefined
  const end = FORMATS[format].find((each) => file.toLowerCase().endsWith(each)) ?? ''
  const stem = file.slice(0, file.length - end.length)
  if (format === 'deb') return readDeb(stem)
  return format === 'rpm' ? readRpm(stem) : readTarball(stem)
}

function readDeb(stem: string): PackageFacts {
  const [name, version, arch] = stem.split('_')
  // A colon cannot be in a file name, so an epoch is written %3a; it orders versions, and names none.
  const plain = version?.replace(/^\d+(%3a|:)/i, '')
  return { ...spell('name', name), ...spell('version', plain), ...spell('arch', ARCHES[(arch ?? '').toLowerCase()]) }
}

/** Neither a version nor a release of rpm holds a `-`, so they are told from the name from behind. */
function readRpm(stem: string): PackageFacts {
  const [, name, version, arch] = /^(.+)-([^-]+-[^-]+)\.([^.-]+)$/.exec(stem) ?? []
  if (name === undefined) return spell('name', stem)
  return { ...spell('name', name), ...spell('version', version), ...spell('arch', ARCHES[(arch ?? '').toLowerCase()]) }
}

function readTarball(stem: string): PackageFacts {
  const [withoutArch, arch] = takeLast(stem, ARCHES)
  const [rest, os] = takeLast(withoutArch, SYSTEMS)
  const parts = /^(.+?)-v?(\d.*)$/.exec(rest)
  return { ...spell('name', parts?.[1] ?? rest), ...spell('version', parts?.[2]), ...spell('os', os), ...spell('arch', arch) }
}

/** Takes a known word off the end: `tool-1.0-linux-amd64` ▸ `tool-1.0-linux` and `x64`. */
function takeLast(stem: string, words: Readonly<Record<string, string>>): [rest: string, meaning: string | undefined] {
  const found = Object.keys(words).find((word) => new RegExp(`[-._]${word}$`, 'i').test(stem))
  return found === undefined ? [stem, undefined] : [stem.slice(0, -found.length - 1), words[found]]
}

function spell(key: keyof PackageFacts, value: string | undefined): PackageFacts {
  return value === undefined || value === '' ? {} : { [key]: value }
}
