/** An option as a help text shows it. */
export interface HelpOption {
  /** `-S` and `--servers`. */
  readonly names: readonly string[]
  /** `list` of `--servers <list>`; undefined when it takes no value. */
  readonly takes: string | undefined
  /** The only values it takes, where the help names them. */
  readonly choices: readonly string[]
  readonly does: string
}

/** A command as a help text shows it. */
export interface HelpCommand {
  readonly name: string
  /** What follows the name: `[options] <name>`. */
  readonly takes: string
  readonly does: string
}

/** What a help text tells. */
export interface Help {
  readonly options: readonly HelpOption[]
  readonly commands: readonly HelpCommand[]
}

/** Reads a help text as commander prints it: sections, in them a term and what it does, which may go on in lines that stand further in. */
export function parseHelp(text: string): Help {
  const options: HelpOption[] = []
  const commands: HelpCommand[] = []
  let section = ''
  for (const entry of entriesOf(text)) {
    if ('section' in entry) section = entry.section
    else if (entry.term.startsWith('-')) options.push(optionOf(entry))
    else if (section === 'Commands') commands.push(commandOf(entry))
  }
  return { options, commands }
}

interface Entry {
  readonly term: string
  readonly does: string
}

function entriesOf(text: string): (Entry | { readonly section: string })[] {
  const entries: (Entry | { readonly section: string })[] = []
  for (const line of text.split('\n')) {
    const last = entries.at(-1)
    const section = /^(\S.*):$/.exec(line)?.[1]
    const [, term, does] = /^ {2}(\S.*?)(?: {2,}(\S.*))?$/.exec(line) ?? []
    if (section !== undefined) entries.push({ section })
    else if (term !== undefined) entries.push({ term, does: does ?? '' })
    else if (/^ {3,}\S/.test(line) && last !== undefined && 'term' in last)
      entries[entries.length - 1] = { ...last, does: `${last.does} ${line.trim()}`.trim() }
  }
  return entries
}

function optionOf({ term, does }: Entry): HelpOption {
  const names = term.match(/(?<=^|, )--?[A-Za-z][\w-]*/g) ?? []
  const takes = /[<[]([^\]>]+)[\]>]$/.exec(term)?.[1]
  const choices = /\(choices: ([^)]*?)(?:, default: [^)]*)?\)/.exec(does)?.[1]
  return { names, takes, choices: (choices?.match(/"([^"]+)"/g) ?? []).map((each) => each.slice(1, -1)), does }
}

function commandOf({ term, does }: Entry): HelpCommand {
  const [name = '', ...takes] = term.split(' ')
  return { name, takes: takes.join(' '), does }
}
