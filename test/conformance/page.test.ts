import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { AGENT_CASES } from './agent/all-cases.ts'
import { SERVER_CASES } from './server/all-cases.ts'

const PAGE = readFileSync(new URL('../../docs/programs/conformance.md', import.meta.url), 'utf8')

test.each([
  ['Cases for a BootAgent', AGENT_CASES],
  ['Cases for a server', SERVER_CASES],
])('"%s" on the page are the cases of the code, as the code has them', (heading, cases) => {
  expect(rowsUnder(heading)).toEqual(cases.map(({ name, claim, source }) => `| \`${name}\` | ${claim} | ${source} |`))
})

// A case is found by its name, in a table, on the page and in a list of known failures.
test.each([
  ['agent', AGENT_CASES],
  ['server', SERVER_CASES],
])('no two cases of the %s side share a name', (_, cases) => {
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
})

function rowsUnder(heading: string): string[] {
  const [, section = ''] = PAGE.split(`## ${heading}\n`)
  const [text = ''] = section.split('\n## ')
  return text.split('\n').filter((line) => line.startsWith('| `'))
}
