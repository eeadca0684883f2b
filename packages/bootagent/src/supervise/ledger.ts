import { type Log, RuntimeError } from '@bootagent/runtime'
import type { MetafileStore } from '../state/metafile.ts'
import type { Metafile, Reducer } from '../state/metafile-schema.ts'

/** The metafile as supervision uses it: what the disk does not take is kept in memory, and the work goes on. */
export interface Ledger {
  /** The metafile, with the changes the disk has not taken yet. */
  read(): Metafile
  /** Changes it. Resolves when the change is durable or the disk has refused it. Made twice, a change must be as if made once. */
  change(reducer: Reducer): Promise<void>
  /** Offers the disk again what it refused. */
  retry(): Promise<void>
  /**
   * The metafile as everybody else uses it. Each of their changes takes along what the disk has refused of ours, before it and in the
   * same write: that happened first, and later it would undo what was decided since.
   */
  readonly store: MetafileStore
}

export function createLedger(metafile: MetafileStore, log: Log): Ledger {
  const unwritten: Reducer[] = []
  let writing: Promise<void> = Promise.resolve()
  /** What the first `count` of them made of the metafile: a disk may be full for weeks, and all of them are read over and over. */
  let made: { readonly of: Metafile; readonly count: number; readonly value: Metafile } | undefined

  async function writeWith(reducer: Reducer): Promise<Metafile> {
    // Those that came while another was written go together.
    const batch = [...unwritten]
    const value = await metafile.update((before) => reducer(apply(batch, before)))
    unwritten.splice(0, batch.length)
    made = undefined
    return value
  }

  async function write(): Promise<void> {
    if (unwritten.length === 0) return
    try {
      await writeWith((value) => value)
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error
      log.error({ err: error, changes: unwritten.length }, 'the metafile cannot be written; supervision goes on in memory')
    }
  }

  function retry(): Promise<void> {
    writing = writing.then(write)
    return writing
  }

  function update(reducer: Reducer): Promise<Metafile> {
    const result = writing.then(() => writeWith(reducer))
    writing = result.then(
      () => undefined,
      () => undefined,
    )
    return result
  }

  function read(): Metafile {
    const of = metafile.read()
    const { count, value } = made?.of === of ? made : { count: 0, value: of }
    made = { of, count: unwritten.length, value: apply(unwritten.slice(count), value) }
    return made.value
  }

  return {
    read,
    change(reducer) {
      unwritten.push(reducer)
      return retry()
    },
    retry,
    store: { read: metafile.read, update },
  }
}

function apply(reducers: readonly Reducer[], metafile: Metafile): Metafile {
  return reducers.reduce((value, reducer) => reducer(value), metafile)
}
