import { type Cause, type EventCategory, excerpt, type HostEvent } from '@bootagent/protocol'
import { eventId } from '../state/event-id.ts'
import type { ExitRecord } from '../state/metafile-schema.ts'
import { fitExtra } from './fit-extra.ts'

/** What every event about an agent needs; `now` is Unix seconds. */
interface AboutAgent {
  readonly name: string
  readonly now: number
}

/** An abnormal exit, and what follows from it. */
export interface ExitTold extends AboutAgent {
  readonly exit: ExitRecord
  /** Strikes in a row with this one, and how many are allowed; without them nothing is said of strikes. */
  readonly strikes?: number
  readonly of?: number
  /** What follows, as the end of a sentence: `it is started again in 3 min`. */
  readonly next?: string
  /** Its last lines of output, oldest first; as many of the newest go along as there is room for. */
  readonly tail: readonly string[]
}

/**
 * One for each attempt: told again it is the same event. `extra` is {release, attempt, cause?, code?, signal?, lived, detail?, tail},
 * `lived` in seconds.
 */
export function exitEvent({ name, exit, strikes, of, next, tail, now }: ExitTold): HostEvent {
  const { release, attempt, cause, code, signal, detail } = exit
  const counted = strikes === undefined || of === undefined ? '' : `; strike ${strikes} of ${of}`
  const figures = detail === undefined ? '' : ` (${excerpt(detail, 120)})`
  const then = next === undefined ? '' : `: ${next}`
  const lived = Math.round(exit.lived * 10) / 10
  return compose({
    category: cause === undefined ? 'agent-exit' : CATEGORY[cause],
    parts: [name, attempt],
    about: { name, now },
    message: `${name} ${describeFailure(exit)}${figures}${counted}${then}`,
    extra: fitExtra({ release, attempt, cause, code, signal, lived, detail }, tail),
  })
}

/** Given up. `attempt` is the one whose end was the last strike, `reason` what it died of. */
export function fatalEvent(told: AboutAgent & { attempt: string; strikes: number; reason: string }): HostEvent {
  const { name, attempt, strikes, reason } = told
  return compose({
    category: 'agent-fatal',
    parts: [name, attempt],
    about: told,
    message: `${name} is given up after ${strikes} failures in a row, the last: ${excerpt(reason, 200)}; nothing starts it until start, reset or another release`,
    extra: fitExtra({ attempt, strikes }),
  })
}

/** Its processes do not die of KILL. One event an attempt, however often it is tried. */
export function stuckEvent(told: AboutAgent & { attempt: string; pids: readonly number[]; why: string }): HostEvent {
  const { name, attempt, pids, why } = told
  const shown = pids.length > SHOWN ? `${pids.slice(0, SHOWN).join(', ')} and ${pids.length - SHOWN} more` : pids.join(', ')
  return compose({
    category: 'agent-stuck',
    parts: [name, attempt],
    about: told,
    message: `${name} cannot be ended: ${pids.length === 1 ? 'process' : 'processes'} ${shown} still there after KILL (${excerpt(why, 200)}); look at the host's disks and mounts`,
    extra: fitExtra({ attempt, pids: pids.slice(0, MOST_PIDS), processes: pids.length }),
  })
}

/** A release that did not hold, and where the agent is now: at `to`, or gone where that is null. */
export interface RollbackTold extends AboutAgent {
  readonly job: string
  readonly from: string
  readonly to: string | null
  readonly why: string
  /** Last lines of the release that failed, oldest first. */
  readonly tail: readonly string[]
}

/** A release failed its trial and the host went back to `to`; null: there was none, so the agent is gone again. `job` is the job's key. */
export function rolledBackEvent(told: RollbackTold): HostEvent {
  const { name, job, from, to, why, tail } = told
  return compose({
    category: 'agent-rolled-back',
    parts: [name, job, from],
    about: told,
    message: `${name} is ${to === null ? 'gone again' : `back at ${to}`}: ${excerpt(why, 300)}`,
    extra: fitExtra({ job, from, to }, tail),
  })
}

/** Output of it was not kept: so many bytes since `since` (Unix seconds), which with the name tells this loss from the next. */
export function logDroppedEvent(told: AboutAgent & { bytes: number; why: string; since: number }): HostEvent {
  const { name, bytes, why, since } = told
  return compose({
    category: 'agent-log-dropped',
    parts: [name, since],
    about: told,
    message: `${bytes} bytes of the output of ${name} were not kept: ${excerpt(why, 300)}`,
    extra: fitExtra({ bytes, from: since }),
  })
}

/** Somebody at the host gave an order; `job` is the local job's key. */
export function operatorEvent(told: AboutAgent & { job: string; action: string; errcode: number; message: string }): HostEvent {
  const { name, job, action, errcode, message } = told
  return compose({
    category: 'operator-order',
    parts: [job],
    about: told,
    message: `an operator at the host asked to ${action} ${name}: ${excerpt(message, 300)}`,
    extra: fitExtra({ job, action, errcode }),
  })
}

/** Another version of BootAgent itself was kept. */
export function ownUpgradedEvent({
  from,
  to,
  now,
}: {
  readonly from: string
  readonly to: string
  readonly now: number
}): HostEvent {
  const category = 'bootagent-upgraded'
  return {
    id: eventId(category, [from, to, now]),
    timestamp: now,
    category,
    message: `BootAgent ${to} runs, after ${from}`,
    extra: { from, to },
  }
}

/** A new BootAgent was given up and `to` runs again; `from` is undefined where it did not come so far as to say what it is. */
export function ownRolledBackEvent(told: {
  readonly from: string | undefined
  readonly to: string
  readonly why: string
  readonly now: number
}): HostEvent {
  const { from, to, why, now } = told
  const category = 'bootagent-rolled-back'
  const message = `BootAgent ${to} runs again: ${from === undefined ? 'a new one' : from} did not hold: ${excerpt(why, 300)}`
  const extra = { to, ...(from === undefined ? {} : { from }) }
  return {
    id: eventId(category, [from ?? '', to, now]),
    timestamp: now,
    category,
    message: excerpt(message, MESSAGE_LENGTH),
    extra,
  }
}

/** No server lets the host in; told once one does. */
export function shutOutEvent({ why, rounds, now }: { why: readonly string[]; rounds: number; now: number }): HostEvent {
  const category = 'shut-out'
  const message = `every server refused to let this host in, ${rounds} times in a row, and it asks less often now: ${why.join('; ')}`
  return { id: eventId(category, [now]), timestamp: now, category, message: excerpt(message, MESSAGE_LENGTH) }
}

/** The disk has stood still for so many seconds, while reports went on; told once it goes again. */
export function diskSlowEvent({ seconds, now }: { seconds: number; now: number }): HostEvent {
  const category = 'disk-slow'
  const message = `the disk took ${seconds} s to keep what a server had answered: reports went on meanwhile, jobs and restarts waited; look at the disk of BootAgent's home`
  return { id: eventId(category, [now]), timestamp: now, category, message, extra: { seconds } }
}

/** `was killed by the kernel at its memory limit after 12 s`: how an exit came about, by its cause. */
function describeFailure(exit: ExitRecord): string {
  const how = exit.cause === undefined ? describePlain(exit) : FAILURES[exit.cause](exit)
  return exit.cause === 'start-failed' ? how : `${how} after ${Math.round(exit.lived)} s`
}

/** Pids named in a message, and kept in an extra: a fork bomb has thousands. */
const SHOWN = 5
const MOST_PIDS = 100

const CATEGORY: Readonly<Record<Cause, EventCategory>> = {
  'exit-code': 'agent-exit',
  signal: 'agent-exit',
  lost: 'agent-exit',
  oom: 'agent-killed',
  'over-limit': 'agent-killed',
  'not-ready': 'agent-killed',
  unhealthy: 'agent-killed',
  'start-failed': 'agent-start-failed',
}

const FAILURES: Readonly<Record<Cause, (exit: Ended) => string>> = {
  'exit-code': describePlain,
  signal: describePlain,
  lost: () => 'ended, and how cannot be known,',
  oom: () => 'was killed by the kernel at its memory limit',
  'over-limit': () => 'was killed for using more than its limits',
  'not-ready': () => 'was killed because it was not ready in time',
  unhealthy: () => 'was killed because it failed its health check',
  'start-failed': () => 'could not be started',
}

type Ended = Pick<ExitRecord, 'code' | 'signal'>

function describePlain({ code, signal }: Ended): string {
  if (signal !== undefined) return `was ended by ${signal}`
  if (code !== undefined) return `ended with exit code ${code}`
  return FAILURES.lost({})
}

interface Composition {
  readonly category: EventCategory
  /** What tells it from every other event of its category on this host. */
  readonly parts: readonly (string | number)[]
  readonly about: AboutAgent
  readonly message: string
  readonly extra: Readonly<Record<string, unknown>>
}

function compose({ category, parts, about, message, extra }: Composition): HostEvent {
  return {
    id: eventId(category, parts),
    timestamp: Math.floor(about.now),
    category,
    subject: about.name,
    message: excerpt(message, MESSAGE_LENGTH),
    extra,
  }
}

/** With the mark of a cut the 500 characters of a message. */
const MESSAGE_LENGTH = 499
