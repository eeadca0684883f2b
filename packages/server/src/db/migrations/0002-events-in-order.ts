import type { Kysely } from 'kysely'

/**
 * Events get the position in which they came, and what operators choose them by, in columns of their own. What a release before this
 * writes has position 0 and no category: it is shown last, and of its host.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await addColumns(db)
  await createIndexes(db)
  await fillColumns(db)
}

async function addColumns(db: Kysely<unknown>): Promise<void> {
  const texts = ['category', 'subject']
  await db.schema
    .alterTable('events')
    .addColumn('position', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  for (const name of texts) {
    await db.schema
      .alterTable('events')
      .addColumn(name, 'text', (column) => column.notNull().defaultTo(''))
      .execute()
  }
}

async function createIndexes(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex('events_by_position').on('events').column('position').execute()
  // With `received`, since each report asks it what of its host is too old.
  await db.schema.createIndex('events_by_host').on('events').columns(['agentsn', 'position', 'received']).execute()
  await db.schema.createIndex('events_by_category').on('events').columns(['category', 'position']).execute()
  await db.schema.createIndex('events_by_subject').on('events').columns(['subject', 'position']).execute()
  await db.schema.createIndex('events_by_time').on('events').columns(['received', 'position']).execute()
}

/** The table as this migration leaves it, whatever becomes of it later. */
interface EventsThen {
  agentsn: string
  id: string
  received: number
  event: string
  position: number
  category: string
  subject: string
}

const ROWS_AT_ONCE = 1000

async function fillColumns(untyped: Kysely<unknown>): Promise<void> {
  const db = untyped as Kysely<{ events: EventsThen }>
  const unfilled = db.selectFrom('events').select(['agentsn', 'id', 'received', 'event']).where('position', '=', 0)
  const inOrder = unfilled.orderBy('received').orderBy('agentsn').orderBy('id').limit(ROWS_AT_ONCE)
  let position = 0
  let reached = 0
  for (;;) {
    const rows = await inOrder.where('received', '>=', reached).execute()
    if (rows.length === 0) return
    for (const { agentsn, id, received, event } of rows) {
      position += 1
      reached = received
      const { category, subject = '' } = JSON.parse(event) as { category: string; subject?: string }
      const fill = db.updateTable('events').set({ position, category, subject })
      await fill.where('agentsn', '=', agentsn).where('id', '=', id).execute()
    }
  }
}
