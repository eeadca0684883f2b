import type { Verdict } from './conformance-case.ts'

/** Cases that a peer is known to fail, each with the reason. */
export type Xfails = Readonly<Record<string, string>>

/** How a verdict is shown, and whether the run may pass with it. */
export interface Judgement {
  readonly name: string
  readonly mark: '✓' | '✗' | '-'
  readonly right: boolean
  readonly remark: string
}

/** Holds a verdict against what is known of the peer. A known failure that has gone is wrong too: the list must stay true. */
export function judge({ name, outcome, why }: Verdict, xfails: Xfails): Judgement {
  const known = Object.hasOwn(xfails, name) ? xfails[name] : undefined
  if (outcome === 'skipped') return { name, mark: '-', right: true, remark: `skipped: ${why}` }
  if (outcome === 'holds') {
    return {
      name,
      mark: '✓',
      right: known === undefined,
      remark: known === undefined ? '' : `expected to fail (${known}), and holds: take it off the list`,
    }
  }
  return { name, mark: '✗', right: known !== undefined, remark: known === undefined ? why : `known: ${known}` }
}

/** Names on the list that no case has. */
export function strangersOf(xfails: Xfails, cases: readonly { readonly name: string }[]): string[] {
  return Object.keys(xfails).filter((name) => cases.every((each) => each.name !== name))
}
