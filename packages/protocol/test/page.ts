import { readFileSync } from 'node:fs'

/** One row of a table on the page, by the heads of its columns; code marks are taken off. */
export type Row = Readonly<Record<string, string>>

const PAGE = readFileSync(new URL('../PROTOCOL.md', import.meta.url), 'utf8')

/** The first table under a heading of PROTOCOL.md; throws when there is no such heading or no table under it. */
export function tableUnder(heading: string): Row[] {
  const lines = sectionUnder(heading).split('\n')
  const first = lines.findIndex((line) => line.startsWith('|'))
  if (first < 0) throw new Error(`PROTOCOL.md has no table under "${heading}"`)
  const length = lines.slice(first).findIndex((line) => !line.startsWith('|'))
  const [heads = [], , ...rows] = lines.slice(first, length < 0 ? undefined : first + length).map(cellsOf)
  return rows.map((cells) => Object.fromEntries(heads.map((head, at) => [head, cells[at] ?? ''])))
}

function sectionUnder(heading: string): string {
  const [, ...sections] = PAGE.split(/^#+ (?=\S)/m)
  const section = sections.find((each) => each.startsWith(`${heading}\n`))
  if (section === undefined) throw new Error(`PROTOCOL.md has no heading "${heading}"`)
  return section
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1'))
}
