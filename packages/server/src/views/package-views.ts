import type { PackageRecord } from '@bootagent/protocol'
import type { Database } from '../db/database.ts'
import { recordOf } from '../packages/package.ts'
import { packageOf } from '../packages/package-row.ts'

/** Every package, by name, newest first. */
export async function listPackages(db: Database): Promise<PackageRecord[]> {
  const rows = await db.selectFrom('packages').selectAll().orderBy('name').orderBy('position', 'desc').execute()
  return rows.map((row) => recordOf(packageOf(row)))
}
