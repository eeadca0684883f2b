const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** A number of bytes as a person reads it: `412 B`, `1.5 KiB`, `100 MiB`. */
export function formatSize(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10))
  const shown = bytes / 1024 ** power
  return `${power === 0 || shown >= 100 ? Math.floor(shown) : shown.toFixed(1)} ${UNITS[power]}`
}
