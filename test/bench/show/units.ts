/** Megabytes of a million bytes. */
export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}

/** Whole milliseconds from ten up. */
export function milliseconds(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : ms.toFixed(0)
}

export function percent(share: number): string {
  return share.toFixed(3)
}
