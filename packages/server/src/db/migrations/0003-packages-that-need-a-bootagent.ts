import type { Kysely } from 'kysely'

/** A package may need a newer BootAgent than some hosts have. What a release before this publishes needs none. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('packages').addColumn('bootagent', 'text').execute()
}
