import { execFile } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { systemClock } from '@bootagent/runtime'
import { run as runBootfleet } from 'bootfleet'
import { type Help, parseHelp } from './parse-help.ts'

/** A program's whole command line: its own help, and that of each command with options of its own, by name. */
export interface CommandLine {
  readonly program: string
  readonly help: Help
  readonly commands: Readonly<Record<string, Help>>
}

/** Asks a program of this checkout what it understands. `entry` is its main file, from the root of the repository. */
export async function readCommandLine(root: string, program: string, entry: string): Promise<CommandLine> {
  // It has twenty commands, and can be asked without twenty processes.
  const ask = program === 'bootfleet' ? askBootfleet : (command: readonly string[]) => askProcess(join(root, entry), command)
  const help = parseHelp(await ask([]))
  const commands: Record<string, Help> = {}
  for (const { name, takes } of help.commands) {
    commands[name] = takes.includes('[options]') ? parseHelp(await ask([name])) : { options: [], commands: [] }
  }
  return { program, help, commands }
}

async function askProcess(entry: string, command: readonly string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, [entry, ...command, '-h'])).stdout
}

async function askBootfleet(command: readonly string[]): Promise<string> {
  let said = ''
  const sink = { write: (text: string) => (said += text) }
  const world = { env: {}, clock: systemClock, interrupt: new AbortController().signal }
  await runBootfleet([...command, '-h'], { stdout: sink, stderr: sink, ...world })
  return said
}
