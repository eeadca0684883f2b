import { printable } from './printable.ts'

/** What stands out, and how: the codes of ECMA-48. */
const COLOURS = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const
export type Colour = keyof typeof COLOURS

/** One column: its title, what it says of a row, and how that stands out. */
export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => string
  readonly colour?: (row: Row) => Colour | undefined
}

/**
 * Rows in aligned columns below their titles, each line ended; nothing at all without a row. Cells are made harmless here,
 * before colour is added, so a view may put a host's own words in a cell.
 */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], colourful: boolean): string {
  if (rows.length === 0) return ''
  const titles = columns.map((column) => ({ text: column.title, colour: 'bold' as const }))
  const lines = rows.map((row) => columns.map((column) => ({ text: printable(column.cell(row)), colour: column.colour?.(row) })))
  return layOut([titles, ...lines], colourful)
}

/** What is known of one thing, a fact a line: its name, and its value beside the others. Both are made harmless. */
export function factTable(facts: readonly (readonly [name: string, value: string])[]): string {
  const lines = facts.map((fact) => fact.map((text) => ({ text: printable(text), colour: undefined })))
  return layOut(lines, false)
}

interface Cell {
  readonly text: string
  readonly colour: Colour | undefined
}

function layOut(lines: readonly (readonly Cell[])[], colourful: boolean): string {
  const widths: number[] = []
  for (const line of lines) {
    for (const [at, { text }] of line.entries()) widths[at] = Math.max(widths[at] ?? 0, length(text))
  }
  return lines.map((line) => `${lay(line, widths, colourful)}\n`).join('')
}

/** The last column stays ragged: padding would only make a terminal wrap. */
function lay(line: readonly Cell[], widths: readonly number[], colourful: boolean): string {
  const cells = line.map((cell, at) => {
    const padding = at === line.length - 1 ? 0 : (widths[at] ?? 0) - length(cell.text)
    return paint(cell, colourful) + ' '.repeat(padding)
  })
  return cells.join('  ').trimEnd()
}

function paint({ text, colour }: Cell, colourful: boolean): string {
  return colourful && colour !== undefined && text !== '' ? `\x1b[${COLOURS[colour]}m${text}\x1b[0m` : text
}

function length(text: string): number {
  return [...text].length
}
