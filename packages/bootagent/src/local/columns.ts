import { printable } from './printable.ts'

/** Rows in aligned columns, each line ended and begun with `indent`. Cells are made harmless here: agents have a say in some. */
export function columns(rows: readonly (readonly string[])[], indent = ''): string {
  const cells = rows.map((row) => row.map(printable))
  const widths: number[] = []
  for (const row of cells) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, [...cell].length)
  const lines = cells.map((row) => row.map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) - [...cell].length)).join('  '))
  return lines
    .map((line) => `${indent}${line}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('')
}
