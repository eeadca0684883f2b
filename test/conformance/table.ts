import type { Judgement } from './judge.ts'

/** Where claims begin, and what is said about them below. */
const INDENT = 29

/** One case as a row for people: mark, name and claim; below it what was seen, if there is something to say. */
export function row({ name, mark, remark }: Judgement, claim: string): string {
  const text = `${mark} ${name.padEnd(INDENT - 3)} ${claim}\n`
  return remark === '' ? text : `${text}${remark.trimEnd().replace(/^/gm, ' '.repeat(INDENT))}\n`
}

/** The last line: how many hold, and which came out otherwise than they should. */
export function summary(judgements: readonly Judgement[]): string {
  const count = (mark: Judgement['mark']) => judgements.filter((each) => each.mark === mark).length
  const wrong = judgements.filter(({ right }) => !right)
  const verdict = wrong.length === 0 ? 'as expected' : `not as expected: ${wrong.map(({ name }) => name).join(', ')}`
  return `\n${count('✓')} hold, ${count('✗')} fail, ${count('-')} skipped; ${verdict}\n`
}
