import { mkdirSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { type BenchOptions, say } from '../bench-options.ts'
import { describeMachine, type Machine } from './machine.ts'

/** One benchmark's results in all their forms. */
export interface Results {
  /** Of the files, without an ending. */
  readonly name: string
  readonly title: string
  /** For the terminal. */
  readonly text: string
  /** The page's own part, in Markdown: the heading and where it comes from are added. */
  readonly page: string
  readonly picture: string
  readonly figures: object
}

/** Prints the table, and writes `NAME.md`, `NAME.svg` and `NAME.json`. */
export function writeResults({ name, title, text, page, picture, figures }: Results, { out, command }: BenchOptions): void {
  const [date = ''] = new Date().toISOString().split('T')
  const machine = describeMachine()
  process.stdout.write(`\n${text}`)
  mkdirSync(out, { recursive: true })
  const head = `# ${title}\n\n${origin(command, date, machine)}\n![${title}](${name}.svg)\n\n`
  writeFileSync(`${out}/${name}.md`, `${head}${page}`)
  writeFileSync(`${out}/${name}.svg`, picture)
  writeFileSync(`${out}/${name}.json`, `${JSON.stringify({ command, date, machine, ...figures }, undefined, 2)}\n`)
  say(`written to ${out}/${name}.md, .svg and .json`)
}

function origin(command: string, date: string, { cpu, memory, system, kernel, cgroups, node }: Machine): string {
  return `Made by \`${command}\` on ${date}: ${cpu}, ${memory}, ${system}, kernel ${kernel}, cgroups ${cgroups}, Node ${node}.
Do not edit: the next run writes it anew.
`
}
