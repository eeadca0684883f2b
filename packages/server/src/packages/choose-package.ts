import type { Platform } from '@bootagent/protocol'
import { ANY_ARCH, type Package } from './package.ts'

/**
 * The version published last, of packages in the order of publishing. A version is as old as its first package: adding a
 * processor to an old version must not make that version the newest.
 */
export function newestVersion(packages: readonly Package[]): string | undefined {
  return [...new Set(packages.map((each) => each.version))].at(-1)
}

/** The package of a version for a platform; one made for its processor goes before one for any. */
export function choosePackage(packages: readonly Package[], version: string, platform: Platform): Package | undefined {
  const fitting = packages.filter((each) => each.version === version && each.os === platform.os)
  return fitting.find((each) => each.arch === platform.arch) ?? fitting.find((each) => each.arch === ANY_ARCH)
}
