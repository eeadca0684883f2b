import type { Database } from '../db/database.ts'
import { packageOf, rowOf } from './package-row.ts'
import type { PackageStore } from './package-store.ts'

/** Records of packages in the database. */
export function sqlPackageStore(db: Database): PackageStore {
  const select = () => db.selectFrom('packages').selectAll()
  return {
    async find({ name, version, os, arch }) {
      const row = await select()
        .where('name', '=', name)
        .where('version', '=', version)
        .where('os', '=', os)
        .where('arch', '=', arch)
        .executeTakeFirst()
      return row && packageOf(row)
    },
    async named(name) {
      const rows = await select().where('name', '=', name).orderBy('position').execute()
      return rows.map(packageOf)
    },
    async at(positions) {
      if (positions.length === 0) return []
      const rows = await select().where('position', 'in', positions).execute()
      return rows.map(packageOf)
    },
    async findFile(sha256, file) {
      const row = await select().where('sha256', '=', sha256).where('file', '=', file).executeTakeFirst()
      return row && packageOf(row)
    },
    async lastPosition() {
      const row = await db
        .selectFrom('packages')
        .select(({ fn }) => fn.max('position').as('last'))
        .executeTakeFirst()
      return row?.last ?? 0
    },
    async add(added) {
      await db.insertInto('packages').values(rowOf(added)).execute()
    },
  }
}
