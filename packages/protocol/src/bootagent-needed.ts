import * as v from 'valibot'

/** Which BootAgent something needs: `>=1.4.0`, that one or a later one. */
export const BootagentNeeded = v.pipe(
  v.string(),
  v.regex(/^>=(?:0|[1-9]\d{0,4})(?:\.(?:0|[1-9]\d{0,4})){2}$/, '>= and three numbers, such as >=1.4.0'),
)
export type BootagentNeeded = v.InferOutput<typeof BootagentNeeded>

/** Whether a BootAgent of this version is the one needed or a later one. What follows its three numbers, such as `-rc1`, does not count. */
export function meetsNeed(needed: BootagentNeeded, version: string): boolean {
  const [least, own] = [numbersIn(needed), numbersIn(version)]
  const differs = least.findIndex((number, index) => number !== own[index])
  return differs === -1 || (own[differs] ?? 0) > (least[differs] ?? 0)
}

function numbersIn(text: string): number[] {
  const found = /(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number)
  return found ?? [0, 0, 0]
}
