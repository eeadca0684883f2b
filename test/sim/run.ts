import { availableParallelism } from 'node:os'
import process from 'node:process'
import type { SmallFailure, Tally } from './play-seeds.ts'
import { openPlayers } from './players.ts'
import { type Options, readOptions } from './read-options.ts'
import { simulateNode } from './simulated-node.ts'

/**
 * `npm run sim -- [--seeds N] [--from N] [--hosts N] [--plant NAME] [--json]`, or `--seed N [--keep 0,3] [--only 1]` for one history in
 * full. Exit code 1 when an invariant was broken, 2 when the command could not be read. README.md says the rest.
 */
/** Failures that are made small and told; the others are named. */
const MOST_TOLD = 3

process.exit(await main())

async function main(): Promise<number> {
  let options: Options
  try {
    options = readOptions(process.argv.slice(2), availableParallelism())
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    return 2
  }
  return options.story ? await showOne(options) : await playMany(options)
}

async function showOne({ from, hosts, json, keep, only, plant }: Options): Promise<number> {
  simulateNode()
  const { playOne } = await import('./play-seeds.ts')
  const { breach, digest, story } = await playOne(from, { keep, only }, { hosts, plant })
  process.stdout.write(json ? `${JSON.stringify({ seed: from, breach, digest })}\n` : `${story}digest ${digest}\n`)
  return breach === undefined ? 0 : 1
}

async function playMany({ from, hosts, jobs, json, plant, seeds }: Options): Promise<number> {
  const players = openPlayers(Math.min(jobs, Math.max(1, Math.ceil(seeds / 20))), { hosts, plant })
  try {
    const began = process.hrtime.bigint()
    const tally = await players.play({ from, count: seeds }, (sofar) => showProgress(sofar, seeds))
    const took = Number((process.hrtime.bigint() - began) / 1_000_000n) / 1000
    const kinds = Map.groupBy(tally.failures, ({ breach }) => breach.invariant)
    const small: SmallFailure[] = []
    for (const [first] of [...kinds.values()].slice(0, MOST_TOLD)) {
      if (first !== undefined) small.push(await players.smallest(first))
    }
    process.stdout.write(json ? `${JSON.stringify({ from, ...tally, took, small })}\n` : describe({ from, tally, took, small }))
    return tally.failures.length === 0 ? 0 : 1
  } finally {
    await players.close()
  }
}

function showProgress({ failures, played }: Tally, of: number): void {
  if (!process.stderr.isTTY && played % 1000 !== 0) return
  const end = process.stderr.isTTY ? '\r' : '\n'
  process.stderr.write(`${played} of ${of} histories, ${failures.length} of them broken${end}`)
}

function describe(of: { from: number; tally: Tally; took: number; small: readonly SmallFailure[] }): string {
  const { failures, deeds, played, seconds, steps } = of.tally
  const per = (value: number) => Math.round(value / Math.max(1, played))
  const days = (seconds / 86_400).toFixed(1)
  const kinds = [...Map.groupBy(failures, ({ breach }) => breach.invariant)].map(
    ([name, each]) =>
      `  ${name}: ${each.length}, at seeds ${each
        .slice(0, 10)
        .map(({ seed }) => seed)
        .join(' ')}`,
  )
  return [
    ...of.small.flatMap(({ story, tries }) => [story, `(shortened in ${tries} tries)`, '']),
    `seeds ${of.from} to ${of.from + played - 1}: ${played} histories of ${per(deeds)} deeds and ${per(steps)} steps, ${days} days of the worlds' time in ${of.took.toFixed(1)} s`,
    failures.length === 0 ? 'every invariant held' : `${failures.length} broke an invariant:`,
    ...kinds,
    '',
  ].join('\n')
}
