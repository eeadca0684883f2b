import type { Breach } from './invariants/all.ts'
import { drawHistory, type Scale } from './history/draw.ts'
import type { History } from './history/deed.ts'
import { part, shrink, type Shrunk } from './history/shrink.ts'
import { againWith, tellStory } from './history/story.ts'
import { plantNamed } from './planted/all.ts'
import { simulate } from './simulate.ts'

/** What many histories came to. */
export interface Tally {
  readonly played: number
  readonly deeds: number
  readonly steps: number
  /** Of the worlds' own time. */
  readonly seconds: number
  readonly failures: readonly Failure[]
}

/** A history that does not hold. */
export interface Failure {
  readonly seed: number
  readonly breach: Breach
}

/** A failure that was made as small as it gets. */
export interface SmallFailure extends Failure {
  readonly deeds: number
  readonly tries: number
  /** The options that show it again. */
  readonly again: string
  readonly story: string
}

export interface PlayOptions extends Scale {
  readonly plant?: string | undefined
}

export async function playSeeds(seeds: readonly number[], options: PlayOptions): Promise<Tally> {
  const plant = plantNamed(options.plant)
  let [deeds, steps, seconds] = [0, 0, 0]
  const failures: Failure[] = []
  for (const seed of seeds) {
    const history = drawHistory(seed, options)
    const outcome = await simulate(history, { plant })
    deeds += history.deeds.length
    steps += outcome.steps
    seconds += outcome.seconds
    if (outcome.breach !== undefined) failures.push({ seed, breach: outcome.breach })
  }
  return { played: seeds.length, deeds, steps, seconds, failures }
}

/** Shortens a failing history as long as the same invariant is broken. */
export async function playSmallest({ breach, seed }: Failure, options: PlayOptions): Promise<SmallFailure> {
  const plant = plantNamed(options.plant)
  const shows = async (history: History) => (await simulate(history, { plant })).breach?.invariant === breach.invariant
  const small = await shrink(drawHistory(seed, options), shows)
  const outcome = await simulate(small.history, { plant, trace: true })
  return {
    seed,
    breach: outcome.breach ?? breach,
    deeds: small.history.deeds.length,
    tries: small.tries,
    again: againWith(small, options.plant),
    story: tellStory(outcome, small, options.plant),
  }
}

/** One history that was played and is told. */
export interface Told {
  readonly story: string
  readonly breach: Breach | undefined
  readonly digest: string
  readonly steps: number
}

/** Plays the history of a seed, or a part of it. */
export async function playOne(
  seed: number,
  which: { readonly keep?: readonly number[] | undefined; readonly only?: readonly number[] | undefined },
  options: PlayOptions,
): Promise<Told> {
  const whole = drawHistory(seed, options)
  const kept = which.keep ?? whole.deeds.map((_, at) => at)
  return await tell({ history: part(whole, kept, which.only ?? whole.hosts), kept }, options)
}

export async function playHistory(history: History, options: PlayOptions): Promise<Told> {
  return await tell({ history, kept: history.deeds.map((_, at) => at) }, options)
}

async function tell(played: Pick<Shrunk, 'history' | 'kept'>, options: PlayOptions): Promise<Told> {
  const outcome = await simulate(played.history, { plant: plantNamed(options.plant), trace: true })
  const { breach, digest, steps } = outcome
  return { story: tellStory(outcome, played, options.plant), breach, digest, steps }
}
