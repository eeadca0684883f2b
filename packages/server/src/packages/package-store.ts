import type { Package, PackageKey } from './package.ts'

/** Where the records of packages are kept; their bytes are in the blob store. */
export interface PackageStore {
  find(key: PackageKey): Promise<Package | undefined>
  /** The packages of one name, in the order of publishing. */
  named(name: string): Promise<readonly Package[]>
  /** Those at the positions, in no order. */
  at(positions: readonly number[]): Promise<readonly Package[]>
  /** One that hosts download by this digest and file name. */
  findFile(sha256: string, file: string): Promise<Package | undefined>
  /** 0 while there is none. */
  lastPosition(): Promise<number>
  /** Its key and position must be new. */
  add(added: Package): Promise<void>
}
