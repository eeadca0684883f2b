import { ConformanceError } from './errors.ts'

/** A program and its arguments; `{name}` in an argument stands for a value that is known only when it is run. */
export type CommandTemplate = readonly [program: string, ...args: string[]]

/** Splits what a person typed at its blanks; there is no quoting. Throws when nothing was typed. */
export function parseCommand(text: string): CommandTemplate {
  const [program, ...args] = text.split(/\s+/).filter((part) => part !== '')
  if (program === undefined) throw new ConformanceError('usage', 'the command is empty')
  return [program, ...args]
}

/** Puts the values in. A name without a value stays as it is. */
export function fillCommand(
  [program, ...args]: CommandTemplate,
  values: Readonly<Record<string, string>>,
): [string, ...string[]] {
  const fill = (text: string) =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(values, name) ? String(values[name]) : whole))
  return [fill(program), ...args.map(fill)]
}
