import { shareRate } from './share-rate.ts'

/** Divides a host's rate among its downloads, anew whenever one begins or ends. */
export interface Rates {
  /** Joins with a wish in bytes a second; `apply` is told its share now and at each change, until the returned function is called. */
  join(wish: number | undefined, apply: (perSecond: number) => void): () => void
}

/** `whole` is what all may fetch together, in bytes a second; no bound when absent. */
export function createRates(whole: number | undefined): Rates {
  const members = new Set<{ readonly wish: number; readonly apply: (perSecond: number) => void }>()

  function divide(): void {
    const all = [...members]
    const shares = shareRate(
      whole ?? Infinity,
      all.map(({ wish }) => wish),
    )
    // Never none at all: who has a share of nothing would wait for ever.
    for (const [index, { apply }] of all.entries()) apply(Math.max(1, shares[index] ?? 1))
  }

  return {
    join(wish, apply) {
      const member = { wish: wish ?? Infinity, apply }
      members.add(member)
      divide()
      return () => {
        if (members.delete(member)) divide()
      }
    },
  }
}
