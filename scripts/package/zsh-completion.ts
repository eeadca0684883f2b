import { argumentOf, type Offer, offerOf, ownOptions } from './completion-words.ts'
import type { HelpOption } from './parse-help.ts'
import type { CommandLine } from './read-help.ts'
import type { Format } from './release.ts'

/** Where zsh looks for it: Debian keeps a directory for packages of its own. */
export function zshCompletionPath(program: string, format: Format): string {
  return `/usr/share/zsh/${format === 'deb' ? 'vendor-completions' : 'site-functions'}/_${program}`
}

/** A completion for zsh of everything that a program's help names, with what it does. */
export function zshCompletion(line: CommandLine): string {
  const { program, help } = line
  const options = help.options.map((option) => spec(option))
  if (help.commands.length === 0) return `#compdef ${program}\n# Made from its help.\n_arguments \\\n${joined(options)}\n`
  return `#compdef ${program}
# Made from its help.
local state line
typeset -A opt_args
local -a common commands
common=(
${options.map((each) => `  ${each}`).join('\n')}
)
commands=(
${help.commands.map(({ name, does }) => `  '${quoted(`${name}:${does}`)}'`).join('\n')}
)
_arguments -C $common '1:command:->command' '*::argument:->argument'
case $state in
  command) _describe command commands ;;
  argument)
    case $line[1] in
${help.commands.map(({ name, takes }) => commandCase(line, name, takes)).join('')}    esac
    ;;
esac
`
}

function commandCase(line: CommandLine, name: string, takes: string): string {
  const own = ownOptions(line, line.commands[name] ?? { options: [], commands: [] }).map((option) => spec(option))
  const argument = argumentOf(line.program, takes)
  const offered = argument === 'commands' ? { words: line.help.commands.map((each) => each.name) } : argument
  const specs = offered === 'nothing' ? own : [...own, `'1:${argument === 'agents' ? 'agent' : 'argument'}:${action(offered)}'`]
  return `      ${name}) _arguments ${['$common', ...specs].join(' \\\n        ')} ;;\n`
}

function spec({ names, takes, choices, does }: HelpOption): string {
  const value = takes === undefined ? '' : `:${quoted(escaped(takes))}:${action(offerOf({ names, takes, choices, does }))}`
  const repeated = /[^,]\.\.\.$/.test(takes ?? '') ? '*' : ''
  const told = `[${quoted(escaped(does))}]${value}'`
  if (names.length === 1) return `'${repeated}${names[0]}${told}`
  if (repeated !== '') return `'*'{${names.join(',')}}'${told}`
  return `'(${names.join(' ')})'{${names.join(',')}}'${told}`
}

function action(offer: Offer): string {
  if (offer === 'files') return '_files'
  if (offer === 'directories') return '_files -/'
  if (offer === 'agents') return '($(ls /var/lib/bootagent/agents 2>/dev/null))'
  return typeof offer === 'string' ? '' : `(${offer.words.join(' ')})`
}

function joined(specs: readonly string[]): string {
  return specs.map((each) => `  ${each}`).join(' \\\n')
}

/** What means something in a specification. */
function escaped(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, '\\$&')
}

/** Inside single quotes. */
function quoted(text: string): string {
  return text.replaceAll("'", "'\\''")
}
