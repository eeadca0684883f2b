import type { Outcome } from '../simulate.ts'
import type { Shrunk } from './shrink.ts'

/** A history that failed, for a reader: what was done, what came of it, what is wrong, and how to see it again. */
export function tellStory(outcome: Outcome, { history, kept }: Pick<Shrunk, 'history' | 'kept'>, plant?: string): string {
  const { breach, lines } = outcome
  return [
    `seed ${history.seed}, ${history.deeds.length} deeds on ${history.hosts.map((at) => `h${at + 1}`).join(', ')}:`,
    '',
    ...readable(lines).map((line) => `  ${line}`),
    '',
    ...(breach === undefined
      ? ['Everything held.']
      : [`"${breach.claim}" (${breach.invariant}) does not hold:`, `  ${breach.what}`]),
    '',
    `Again: npm run sim -- ${againWith({ history, kept }, plant)}`,
    '',
  ].join('\n')
}

/** The options that play this part of this history again. */
export function againWith({ history, kept }: Pick<Shrunk, 'history' | 'kept'>, plant?: string): string {
  const only = `--seed ${history.seed} --keep ${kept.join(',')} --only ${history.hosts.join(',')}`
  return plant === undefined ? only : `${only} --plant "${plant}"`
}

/** Polls that brought nothing are left out, and ids are given short names in the order in which they come. */
function readable(lines: readonly string[]): string[] {
  const names = new Map<string, string>()
  const short = (uuid: string) => {
    const known = names.get(uuid) ?? `#${names.size + 1}`
    names.set(uuid, known)
    return known
  }
  return lines
    .filter((line) => !/ reported server=\S+ results=0$/.test(line))
    .map((line) =>
      line
        .replace(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}/g, short)
        .replace(/[0-9a-f]{64}/g, (digest) => `${digest.slice(0, 8)}…`)
        .replace(/\/h\d+\.\d+\/home\//g, ''),
    )
}
