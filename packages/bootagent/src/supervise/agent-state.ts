import type { AgentState } from './agent-view.ts'

/**
 * What is wanted of an agent now; the metafile, a hold and the restart policy together say which (wish.ts).
 * Each has a reason that the operator sees.
 */
export type Wish =
  | 'run'
  /** Run, but not yet: the restart policy's delay. */
  | 'wait'
  /** It has ended with a code that is no failure. */
  | 'rest'
  | 'fatal'
  /** Stopped, held down, removed, or without a release. */
  | 'down'

/** What is seen of an agent (look.ts). */
export type Sight =
  /** No process, and no exit that is not on record. */
  | 'none'
  /** An attempt has processes, but its program is not proven to run yet. */
  | 'born'
  /** Its program runs, and has not been found ready. */
  | 'unready'
  | 'alive'
  /** An end that was asked for and is not complete: we died in the middle of it. */
  | 'ending'
  /** The main process is gone and others of the agent are not. */
  | 'remains'
  /** The main process is gone, and its exit is not on record. */
  | 'ended'

/** What is done about it. Every act but `leave` is followed by another look. */
export type Act = 'start' | 'prove' | 'leave' | 'end' | 'record'

/**
 * The whole behaviour of supervision. Nothing is remembered from look to look, so the pass after our own death is a pass like
 * any other: adopting is what the table says of a process that is there.
 *
 *               start            prove           (the program ends)        record          by policy
 *     ┌──────┐ ───────▶ ┌──────┐ ─────▶ ┌───────┐ ───────────────▶ ┌───────┐ ────▶ ┌──────┐
 *     │ none │          │ born │        │ alive │                  │ ended │       │ none │ run, wait, rest, fatal
 *     └──────┘          └──┬───┘        └───┬───┘                  └───┬───┘       └──────┘
 *         ▲                │ down           │ down              record │ others left
 *         │                ▼                ▼                          ▼
 *         │            ┌──────────────────────┐                   ┌─────────┐
 *         └────────────┤        ending        │                   │ remains │
 *         ▲    gone    └──────────────────────┘                   └────┬────┘
 *         └────────────────────────────────────────────────────────────┘ end
 *
 * Only `run` starts, and only where there is nothing: never while a process of an earlier attempt lives.
 * A process that is there is left alone even while its policy would wait or has given up: it is the better news.
 */
export const ACTS: Readonly<Record<Wish, Readonly<Record<Sight, Act>>>> = {
  run: { none: 'start', born: 'prove', unready: 'leave', alive: 'leave', ending: 'end', remains: 'end', ended: 'record' },
  wait: { none: 'leave', born: 'prove', unready: 'leave', alive: 'leave', ending: 'end', remains: 'end', ended: 'record' },
  rest: { none: 'leave', born: 'prove', unready: 'leave', alive: 'leave', ending: 'end', remains: 'end', ended: 'record' },
  fatal: { none: 'leave', born: 'prove', unready: 'leave', alive: 'leave', ending: 'end', remains: 'end', ended: 'record' },
  down: { none: 'leave', born: 'end', unready: 'end', alive: 'end', ending: 'end', remains: 'end', ended: 'record' },
}

/** What the operator is shown. */
export const STATES: Readonly<Record<Wish, Readonly<Record<Sight, AgentState>>>> = {
  run: {
    none: 'starting',
    born: 'starting',
    unready: 'starting',
    alive: 'running',
    ending: 'stopping',
    remains: 'stopping',
    ended: 'stopping',
  },
  wait: {
    none: 'waiting',
    born: 'starting',
    unready: 'starting',
    alive: 'running',
    ending: 'stopping',
    remains: 'stopping',
    ended: 'stopping',
  },
  rest: {
    none: 'stopped',
    born: 'starting',
    unready: 'starting',
    alive: 'running',
    ending: 'stopping',
    remains: 'stopping',
    ended: 'stopping',
  },
  fatal: {
    none: 'fatal',
    born: 'starting',
    unready: 'starting',
    alive: 'running',
    ending: 'stopping',
    remains: 'stopping',
    ended: 'stopping',
  },
  down: {
    none: 'stopped',
    born: 'stopping',
    unready: 'stopping',
    alive: 'stopping',
    ending: 'stopping',
    remains: 'stopping',
    ended: 'stopping',
  },
}
