import type { Help, HelpOption } from './parse-help.ts'
import type { CommandLine } from './read-help.ts'

/** What a shell offers in the place of a value. */
export type Offer = { readonly words: readonly string[] } | 'files' | 'directories' | 'agents' | 'commands' | 'nothing'

const FILES = /^(?:file|local|path)$/
const DIRECTORIES = /^dir$/

export function offerOf({ takes = '', choices }: HelpOption): Offer {
  if (choices.length > 0) return { words: choices }
  if (FILES.test(takes)) return 'files'
  return DIRECTORIES.test(takes) ? 'directories' : 'nothing'
}

/** What may follow a command's name. At a host, names are those of its agents; operators elsewhere have no list at hand. */
export function argumentOf(program: string, takes: string): Offer {
  const argument = /[<[](?!options)([^\]>]+)[\]>]/.exec(takes)?.[1] ?? ''
  if (argument === 'command') return 'commands'
  if (FILES.test(argument)) return 'files'
  return program === 'bootagent' && argument !== '' ? 'agents' : 'nothing'
}

/** A command's own options, by the names that the program has not taken: those are taken everywhere. */
export function ownOptions({ help }: CommandLine, of: Help): readonly HelpOption[] {
  const common = new Set(help.options.flatMap(({ names }) => names))
  return of.options
    .map((option) => ({ ...option, names: option.names.filter((name) => !common.has(name)) }))
    .filter(({ names }) => names.length > 0)
}
