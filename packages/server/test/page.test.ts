import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { spawnServer } from './spawn-server.ts'

const PAGE = readFileSync(new URL('../../../docs/programs/bootserver.md', import.meta.url), 'utf8')

/** Cells of the first table under a heading, row by row, without the head. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const section = PAGE.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? ''
  const [, , ...rows] = section.split('\n').filter((line) => line.startsWith('|'))
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

/** What `-h` says of an option: its flags, and the default that it shows; text is quoted there, and empty where there is none. */
async function helpedOptions(): Promise<readonly [flags: string, fallback: string][]> {
  const { stdout } = await spawnServer(['-h']).ended
  const [, listed = ''] = stdout.split('Options:\n')
  // An option begins two columns in; what its description goes on with is indented further.
  return listed.split(/\n(?= {2}-)/).map((option) => {
    const text = option.trim().replaceAll(/\s+/g, ' ')
    const [, flags = ''] = /^(\S+)/.exec(text) ?? []
    const [, fallback = ''] = /default: "?([^,")]*)"?\)$/.exec(text) ?? []
    return [flags, fallback]
  })
}

test('the page has the options of the program, with their defaults, and no other', async () => {
  const page = rowsUnder('Options').map(([option = '', , fallback = '']) => [
    /^`(-\S+?)[ `]/.exec(option)?.[1],
    /^`(.*)`$/.exec(fallback)?.[1] ?? '',
  ])
  expect(page).toEqual(await helpedOptions())
})

// The program's main file runs when it is imported, so it is read.
test('the page has the exit codes of the program and no other', () => {
  const main = readFileSync(new URL('../src/main.ts', import.meta.url), 'utf8')
  const codes = [...(/const EXIT = \{(.*?)\}/s.exec(main)?.[1] ?? '').matchAll(/(\w+): (\d+)/g)].map(([, , code]) => code)
  expect(codes.length).toBeGreaterThan(0)
  expect(rowsUnder('Exit codes').map(([code]) => code)).toEqual(codes)
})
