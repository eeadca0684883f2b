import type { Written } from '../state/metafile-schema.ts'

/**
 * Whether a file of a tree was written after the tree was sealed, by when it was last written, in milliseconds. `spans` are what the
 * releases of the tree have on record; unpacked anew, an older one may have another.
 *
 * What is compared is when its bytes were written. When its inode was changed would also move by what we do (owner, mode, a rename of
 * what it lies in) and by what a backup does, and would call every file of a host that was restored a changed one. What is lost by that:
 * a change of mode or owner alone. Before the span is as foreign as after it: who puts a file of last year in the place of another, or
 * writes one while the clock is set back, is seen too. Whoever sets a file's time back into the seconds in which its tree was unpacked is not.
 *
 * What was restored has the times it had, but for what an archive leaves off: tar keeps whole seconds, others whole microseconds.
 */
export function isChanged(modified: number, spans: readonly Written[]): boolean {
  return spans.every(({ first, last }) => modified < Math.floor(first / 1000) * 1000 || modified > Math.ceil(last))
}

/** The span with one more file in it. */
export function widen(span: Written | undefined, modified: number): Written {
  if (span === undefined) return { first: modified, last: modified }
  return { first: Math.min(span.first, modified), last: Math.max(span.last, modified) }
}
