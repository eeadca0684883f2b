/** Rows of equally many cells, the heading first; all but the first column are figures. */
export type Table = readonly (readonly string[])[]

/** For a terminal: columns two blanks apart. */
export function alignedTable(rows: Table): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
  )
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`
}

/** For a page. */
export function markdownTable([heading = [], ...rows]: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = `|${heading.map((_, at) => (at === 0 ? '---' : '--:')).join('|')}|`
  return `${[line(heading), rule, ...rows.map(line)].join('\n')}\n`
}
