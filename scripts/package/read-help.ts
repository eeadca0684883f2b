import { execFile } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { type Help, parseHelp } from './parse-help.ts'

/** A program's whole command line: its own help, and that of each command with options of its own, by name. */
export interface CommandLine {
  readonly program: string
  readonly help: Help
  readonly commands: Readonly<Record<string, Help>>
}

/** Asks a program of this checkout what it understands. `entry` is its main file, from the root of the repository. */
export async function readCommandLine(root: string, program: string, entry: string): Promise<CommandLine> {
  const ask = async (...command: string[]): Promise<Help> => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(root, entry), ...command, '-h'])
    return parseHelp(stdout)
  }
  const help = await ask()
  const commands: Record<string, Help> = {}
  for (const { name, takes } of help.commands) {
    commands[name] = takes.includes('[options]') ? await ask(name) : { options: [], commands: [] }
  }
  return { program, help, commands }
}
