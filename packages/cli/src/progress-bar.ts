import { formatSize } from './size.ts'

/** `[#####     ]  50 %  1.0 MiB of 2.0 MiB`: within `width` characters, without the bar where there is no room for one. */
export function progressBar(done: number, total: number, width: number): string {
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const text = `${Math.floor(share * 100)} %  ${formatSize(done)} of ${formatSize(total)}`
  const room = Math.min(40, width - text.length - 5)
  if (room < 10) return text.slice(0, Math.max(0, width - 1))
  const filled = Math.floor(share * room)
  return `[${'#'.repeat(filled)}${' '.repeat(room - filled)}]  ${text}`
}
