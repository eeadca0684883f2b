import { memoryStores } from '../../../packages/server/src/stores.memory.ts'
import type { Stores, Transact } from '../../../packages/server/src/stores.ts'

/** One call that changed something: which store, which method, with what. */
interface Write {
  readonly store: keyof Stores
  readonly method: string
  readonly args: readonly unknown[]
}

/** The server's memory, and below it what a crash leaves: the writes of every transaction that was committed, in their order. */
export interface DurableStores {
  readonly transact: Transact
  /** Reads and nothing else, of what has been committed. */
  readonly committed: () => Stores
  /** All that was under way is gone, and so is whoever did it: their transactions never end. */
  crash(): void
}

/** Told of every write that is now safe. */
export type OnCommit = (writes: readonly Write[]) => void

/** `beforeWrite` may crash the server in the middle of a transaction. */
export function openDurableStores(beforeWrite: () => void, onCommit: OnCommit): DurableStores {
  const log: Write[] = []
  let stores = memoryStores()
  let epoch = 0
  let queue: Promise<unknown> = Promise.resolve()

  function replayed(): Stores {
    const fresh = memoryStores()
    for (const write of log) void callOf(fresh, write)
    return fresh
  }

  async function run<T>(work: (stores: Stores) => Promise<T>): Promise<T> {
    const began = epoch
    const writes: Write[] = []
    const recorded = record(stores, (write) => {
      if (epoch !== began) return
      writes.push(write)
      beforeWrite()
    })
    try {
      const result = await work(recorded)
      if (epoch !== began) return await new Promise<never>(() => undefined)
      log.push(...writes)
      onCommit(writes)
      return result
    } catch (error) {
      if (epoch !== began) return await new Promise<never>(() => undefined)
      stores = replayed()
      throw error
    }
  }

  return {
    transact(work) {
      const result = queue.then(() => run(work))
      queue = result.catch(() => undefined)
      return result
    },
    committed: () => stores,
    crash() {
      epoch += 1
      stores = replayed()
      queue = Promise.resolve()
    },
  }
}

const WRITING: Readonly<Record<keyof Stores, readonly string[]>> = {
  hosts: ['add', 'claim', 'setTags', 'saveReport', 'addRenamed'],
  events: ['add', 'prune'],
  jobs: ['add', 'save'],
  packages: ['add'],
}

type Methods = Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>

function callOf(stores: Stores, { store, method, args }: Write): Promise<unknown> | undefined {
  return (stores[store] as unknown as Methods)[method]?.(...args)
}

/** The same stores; each call that changes something is told before it is made. */
function record(stores: Stores, tell: (write: Write) => void): Stores {
  const recorded = Object.entries(WRITING).map(([name, writing]) => {
    const store = name as keyof Stores
    const methods = stores[store] as unknown as Methods
    const told = writing.map((method) => [
      method,
      (...args: readonly unknown[]) => {
        tell({ store, method, args })
        return methods[method]?.(...args)
      },
    ])
    return [store, { ...methods, ...Object.fromEntries(told) }]
  })
  return Object.fromEntries(recorded) as Stores
}

export type { Write }
