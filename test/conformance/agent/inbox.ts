import { strict as assert } from 'node:assert'

/** What came and has not been taken, in the order it came. */
export interface Inbox<Item> {
  put(item: Item): void
  /** The next one. Rejects when the signal is aborted, saying what was awaited. */
  take(awaited: string): Promise<Item>
}

/** One reader at a time: a case waits for one thing, then for the next. */
export function createInbox<Item>(signal: AbortSignal): Inbox<Item> {
  const items: Item[] = []
  let ring = () => {}
  signal.addEventListener('abort', () => ring())
  return {
    put(item) {
      items.push(item)
      ring()
    },
    async take(awaited) {
      for (;;) {
        const [item] = items.splice(0, 1)
        if (item !== undefined) return item
        if (signal.aborted) return assert.fail(`${reasonOf(signal)}, awaiting ${awaited}`)
        await new Promise<void>((resolve) => {
          ring = resolve
        })
      }
    },
  }
}

function reasonOf({ reason }: AbortSignal): string {
  return reason instanceof Error ? reason.message : String(reason)
}
