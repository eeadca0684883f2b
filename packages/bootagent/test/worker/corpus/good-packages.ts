import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import type { Format } from '@bootagent/protocol'
import { ar, DEB_CONTROL, DEB_VERSION } from './ar-members.ts'
import { cpio, type CpioPart, rpmOf } from './cpio-rpm.ts'
import { aDirectory, aFile, aLink, type Entry, cpioOf, tarOf, zipOf } from './entry.ts'
import { xz } from './xz.ts'

/** One honest package and how it is packed. */
export interface GoodPackage {
  readonly form: string
  readonly format: Format
  readonly bytes: Buffer
}

/** Bytes that look like nothing, the same in every run. */
function noise(count: number): Buffer {
  let state = 1
  return Buffer.from(Array.from({ length: count }, () => (state = (state * 48_271) % 0x7fffffff) & 0xff))
}

const ENTRIES: readonly Entry[] = [
  aDirectory('bin/'),
  { ...aFile('bin/run', '#!/bin/sh\necho running\n'), rights: 0o755 },
  aFile(`lib/${'long-'.repeat(24)}name`, 'text '.repeat(500)),
  aFile('lib/noise', noise(6000)),
  aLink('current', 'bin/run'),
  aFile('empty', ''),
]

const zst = (bytes: Buffer): Buffer => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
const PACKINGS = { gz: gzipSync, xz, zst } as const

const debOf = (ending: keyof typeof PACKINGS): Buffer =>
  ar(DEB_VERSION, DEB_CONTROL, [`data.tar.${ending}`, PACKINGS[ending](tarOf(ENTRIES))])

const COMPRESSORS = { gz: 'gzip', xz: 'xz', zst: 'zstd' } as const

function rpmPacked(ending: keyof typeof PACKINGS): Buffer {
  const files: readonly CpioPart[] = cpioOf(ENTRIES)
  return rpmOf(PACKINGS[ending](cpio(files)), { files, tags: { 1125: COMPRESSORS[ending] } })
}

/** The same tree in every form of package that is read, and in every packing of each. */
export function goodPackages(): readonly GoodPackage[] {
  const tar = tarOf(ENTRIES)
  return [
    { form: 'tar', format: 'tar', bytes: tar },
    { form: 'tar.gz', format: 'tar.gz', bytes: gzipSync(tar) },
    { form: 'tar.xz', format: 'tar.xz', bytes: xz(tar) },
    { form: 'tar.zst', format: 'tar.zst', bytes: zst(tar) },
    { form: 'zip', format: 'zip', bytes: zipOf(ENTRIES) },
    ...(['gz', 'xz', 'zst'] as const).map((ending) => ({
      form: `deb of ${ending}`,
      format: 'deb' as const,
      bytes: debOf(ending),
    })),
    ...(['gz', 'xz', 'zst'] as const).map((ending) => ({
      form: `rpm of ${ending}`,
      format: 'rpm' as const,
      bytes: rpmPacked(ending),
    })),
  ]
}
