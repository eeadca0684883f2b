/** The one time of a simulated world, in milliseconds since it began. It passes only by going from one thing that is due to the next. */
export interface Time {
  now(): number
  /** Has something done in `ms`, rounded up to whole ones; what is due at the same moment is done in the order in which it was asked for. Answers how to call it off. */
  after(ms: number, what: () => void): () => void
  /** Goes on to the next thing that is due, unless that is after `until`, and does it. */
  step(until: number): boolean
}

interface Due {
  readonly at: number
  readonly order: number
  what: (() => void) | undefined
}

export function createTime(): Time {
  const heap: Due[] = []
  let now = 0
  let order = 0

  function push(due: Due): void {
    let at = heap.push(due) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(heap[at] as Due, heap[parent] as Due)) return
      swap(heap, at, parent)
      at = parent
    }
  }

  function pop(): Due | undefined {
    const [first] = heap
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    heap[0] = last
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2]
      let least = at
      if (left < heap.length && isBefore(heap[left] as Due, heap[least] as Due)) least = left
      if (right < heap.length && isBefore(heap[right] as Due, heap[least] as Due)) least = right
      if (least === at) return first
      swap(heap, at, least)
      at = least
    }
  }

  return {
    now: () => now,
    after(ms, what) {
      const due: Due = { at: now + Math.max(0, Math.ceil(ms)), order: order++, what }
      push(due)
      return () => {
        due.what = undefined
      }
    },
    step(until) {
      for (;;) {
        const [next] = heap
        if (next === undefined || next.at > until) return false
        pop()
        // Called off: nothing is done, and no time passes for it.
        if (next.what === undefined) continue
        now = next.at
        next.what()
        return true
      }
    },
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.at === b.at ? a.order < b.order : a.at < b.at
}

function swap(heap: Due[], a: number, b: number): void {
  const kept = heap[a] as Due
  heap[a] = heap[b] as Due
  heap[b] = kept
}

/** Lets everything that was woken run until it waits for the world again: nothing in a simulated world waits for anything else. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
