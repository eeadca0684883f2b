import type { Package, PackageKey } from './package.ts'
import type { PackageStore } from './package-store.ts'

/** Records of packages in memory, for tests of what is built on the port; it passes the same contract as the database. */
export function memoryPackageStore(): PackageStore {
  const packages: Package[] = []
  const find = (key: PackageKey) => packages.find((each) => KEY.every((field) => each[field] === key[field]))
  return {
    find: async (key) => find(key),
    named: async (name) => packages.filter((each) => each.name === name),
    at: async (positions) => packages.filter((each) => positions.includes(each.position)),
    findFile: async (sha256, file) => packages.find((each) => each.sha256 === sha256 && each.file === file),
    lastPosition: async () => packages.at(-1)?.position ?? 0,
    async add(added) {
      if (find(added) !== undefined) throw new TypeError(`package ${added.name} ${added.version} is there already`)
      packages.push(added)
      packages.sort((a, b) => a.position - b.position)
    },
  }
}

const KEY = ['name', 'version', 'os', 'arch'] as const
