import { argumentOf, type Offer, offerOf, ownOptions } from './completion-words.ts'
import type { HelpOption } from './parse-help.ts'
import type { CommandLine } from './read-help.ts'

/** Where bash-completion looks for it. */
export function bashCompletionPath(program: string): string {
  return `/usr/share/bash-completion/completions/${program}`
}

/** A completion for bash of everything that a program's help names. */
export function bashCompletion(line: CommandLine): string {
  const { program, help } = line
  const names = help.commands.map(({ name }) => name)
  const commands = help.commands.map(({ name, takes }) => {
    const own = ownOptions(line, line.commands[name] ?? { options: [], commands: [] })
    return { name, own, argument: argumentOf(program, takes) }
  })
  const withValue = [...help.options, ...commands.flatMap(({ own }) => own)].filter(({ takes }) => takes !== undefined)
  return `# bash completion for ${program}; made from its help.
_${program}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command='' words='' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in
      ${patternOf(withValue)}) ((index++)) ;;
      -*) ;;
      *) command=\${COMP_WORDS[index]}; break ;;
    esac
  done
  case $command:$prev in
${valueCases('*', help.options)}${commands.map(({ name, own }) => valueCases(name, own)).join('')}  esac
  words='${flags(help.options)}'
  case $command in
    '') words="$words ${names.join(' ')}" ;;
${commands.map((each) => commandCase(each, names)).join('')}  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _${program} ${program}
`
}

function commandCase(command: { name: string; own: readonly HelpOption[]; argument: Offer }, names: readonly string[]): string {
  const { name, own, argument } = command
  if (argument === 'files')
    return `    ${name})
      if [[ $cur != -* ]]; then compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return; fi
      words="$words ${flags(own)}" ;;
`
  const more = argument === 'agents' ? ' $(ls /var/lib/bootagent/agents 2>/dev/null)' : ''
  const known = argument === 'commands' ? ` ${names.join(' ')}` : ''
  const words = `${flags(own)}${known}${more}`.trim()
  return words === '' ? '' : `    ${name}) words="$words ${words}" ;;\n`
}

/** A value is offered in place of everything else; where nothing can be known of it, nothing is. */
function valueCases(command: string, options: readonly HelpOption[]): string {
  return options
    .filter(({ takes }) => takes !== undefined)
    .map((option) => `    ${patternOf([option], `${command}:`)}) ${offered(offerOf(option))} ;;\n`)
    .join('')
}

function offered(offer: Offer): string {
  if (offer === 'files') return 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return'
  if (offer === 'directories') return 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return'
  if (typeof offer === 'string') return 'return'
  return `mapfile -t COMPREPLY < <(compgen -W '${offer.words.join(' ')}' -- "$cur"); return`
}

function patternOf(options: readonly HelpOption[], before = ''): string {
  return [...new Set(options.flatMap(({ names }) => names))].map((name) => `${before}${name}`).join(' | ')
}

function flags(options: readonly HelpOption[]): string {
  return options.flatMap(({ names }) => names).join(' ')
}
