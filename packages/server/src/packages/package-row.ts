import type { Format } from '@bootagent/protocol'
import { fromJson, toJson } from '../db/json-column.ts'
import type { PackagesTable } from '../db/tables.ts'
import type { Package } from './package.ts'

/** A package as the database holds it. */
export function packageOf(row: PackagesTable): Package {
  return { ...row, format: row.format as Format, run: fromJson(row.run), bootagent: row.bootagent ?? undefined }
}

/** The row of a package. */
export function rowOf(kept: Package): PackagesTable {
  return { ...kept, run: toJson(kept.run), bootagent: kept.bootagent ?? null }
}
