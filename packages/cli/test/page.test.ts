import type { Command } from 'commander'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { EXITS } from '../src/index.ts'
import { createProgram } from '../src/program.ts'
import { createTerminal } from './terminal.ts'

const PAGE = readFileSync(new URL('../../../docs/programs/bootfleet.md', import.meta.url), 'utf8')
const program = createProgram(createTerminal(), () => undefined)

/** Each command's part of the page, by its name; commands that share a heading share it. */
function sections(): ReadonlyMap<string, string> {
  const commands = PAGE.split(/^## /m).find((part) => part.startsWith('Commands')) ?? ''
  const found = new Map<string, string>()
  for (const section of commands.split(/^### /m).slice(1)) {
    const heading = section.slice(0, section.indexOf('\n'))
    for (const [, name = ''] of heading.matchAll(/`(\w+)/g)) found.set(name, section)
  }
  return found
}

/** Options that many commands take are written once; a command's section says so by these words. */
const ELSEWHERE: readonly [words: RegExp, options: readonly string[]][] = [
  [/For the hosts see\s\[which hosts\]/, ['--host', '--tags', '--all']],
  [/for `--wait` see\s\[waiting\]/i, ['--wait', '--timeout']],
]

function optionsOnPage(command: string): string[] {
  const section = sections().get(command) ?? ''
  const here = [...section.matchAll(/`(--[a-z-]+)/g)].map(([, option = '']) => option)
  const elsewhere = ELSEWHERE.flatMap(([words, options]) => (words.test(section) ? options : []))
  return [...new Set([...here, ...elsewhere])].sort()
}

function longOptions(command: Command): string[] {
  return command.options.flatMap(({ long }) => (typeof long === 'string' ? [long] : []))
}

test('the page has every command and no other', () => {
  expect([...sections().keys()].sort()).toEqual(program.commands.map((command) => command.name()).sort())
})

test.each(program.commands.map((command) => ({ name: command.name(), command })))(
  'the page has every option of $name and no other',
  ({ name, command }) => {
    const own = longOptions(command).filter((option) => !longOptions(program).includes(option))
    expect(optionsOnPage(name)).toEqual(own.sort())
  },
)

test('the page has every global option', () => {
  const table = PAGE.split(/^## Global options/m)[1]?.split(/^## /m)[0] ?? ''
  for (const option of longOptions(program)) expect(table).toContain(`\`${option}`)
})

test('the page has the exit codes as they are', () => {
  const table = PAGE.split(/^## Exit codes/m)[1] ?? ''
  const rows = [...table.matchAll(/^\| (\d+) \| (.+) \|$/gm)].map(([, code, meaning]) => [Number(code), meaning])
  expect(rows).toEqual(Object.values(EXITS).map(({ code, meaning }) => [code, meaning]))
})
