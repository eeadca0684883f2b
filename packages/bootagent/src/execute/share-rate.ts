/**
 * Divides what a host may fetch in a second among those that fetch: equally, but nobody is given more than it wishes, and what
 * that leaves is divided among the others. A wish of Infinity is no wish.
 */
export function shareRate(whole: number, wishes: readonly number[]): number[] {
  const shares = wishes.map(() => 0)
  let left = whole
  const bySize = wishes.map((wish, index) => ({ wish, index })).toSorted((a, b) => a.wish - b.wish)
  for (const [place, { wish, index }] of bySize.entries()) {
    const share = Math.min(wish, left / (bySize.length - place))
    shares[index] = share
    left -= share
  }
  return shares
}
