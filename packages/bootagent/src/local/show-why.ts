import type { AgentPicture, ExitPicture, HealthPicture, HostPicture } from '../control/picture.ts'
import type { AgentState } from '../supervise/agent-view.ts'
import { columns } from './columns.ts'
import { printable } from './printable.ts'
import { duration, moment, size } from './units.ts'

/** What is shown of one agent; `now` is Unix seconds. */
export interface WhyFacts {
  readonly agent: AgentPicture
  readonly limits: HostPicture['limits']
  /** Whether a BootAgent looks after it. */
  readonly running: boolean
  readonly now: number
}

/** One screen: what it is and why, what comes next, what went before, and what can be done. */
export function showWhy(facts: WhyFacts): string {
  const { agent } = facts
  return [
    headline(facts),
    columns(factsOf(facts), '  '),
    section('Limits', limitLines(facts)),
    section('Last exits, newest first', exitLines(agent)),
    section('Its last words', lastWords(agent)),
    section('Failed its trial here, and refused until a job forces it', failedLines(agent)),
    section('What you can do', adviceLines(facts)),
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function headline({ agent: { name, state, status, reason, since }, now }: WhyFacts): string {
  const killed = status === 'killed' ? 'killed, ' : ''
  const when = since === undefined ? '' : `; ${SINCE[state]} ${moment(since)}, ${duration(now - since)} ago`
  return `${printable(`${name} is ${killed}${state}: ${reason}${when}`)}\n`
}

/** What `since` is the time of: with a process its start, without one the end of the last. */
const SINCE: Readonly<Record<AgentState, string>> = {
  running: 'since',
  starting: 'since',
  stopping: 'running since',
  stopped: 'the last process ended',
  waiting: 'the last process ended',
  fatal: 'the last process ended',
}

function factsOf({ agent, now }: WhyFacts): string[][] {
  const { cause, health, log, nextStart, pid, previous, release, restarts, strikes, strikesAllowed, trial, usage, wanted } = agent
  const rows: [string, string | undefined][] = [
    ['next start', nextStart === undefined ? undefined : `${moment(nextStart)}, in ${duration(nextStart - now)}`],
    ['cause', cause],
    ['wanted', wanted],
    ['process', pid === undefined ? undefined : `pid ${pid}${usage === undefined ? '' : `, ${usageText(usage)}`}`],
    ['release', `${release === '' ? 'none yet' : release}${previous === undefined ? '' : `; ${previous} to go back to`}`],
    ['trial', trial === undefined ? undefined : trialText(trial)],
    ['strikes', `${strikes} in a row; given up after more than ${strikesAllowed}`],
    ['restarts', `${restarts} after failures, since it was installed`],
    ['health', health === undefined ? undefined : healthText(health, now)],
    ['log', `${log.path}${log.bytes === undefined ? '' : `, ${size(log.bytes)}`}${droppedText(log.dropped)}`],
  ]
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
}

function usageText({ cpu, rss, fds, processes }: NonNullable<AgentPicture['usage']>): string {
  return `${Math.round(cpu * 10) / 10}% CPU, ${size(rss)}, ${fds} descriptors, ${processes} ${processes === 1 ? 'process' : 'processes'}`
}

function trialText({ from, seconds, failure }: NonNullable<AgentPicture['trial']>): string {
  const back = from === null ? 'it is removed again' : `${from} comes back`
  return failure === undefined ? `for ${duration(seconds)}; should it fail, ${back}` : `failed: ${failure}; ${back}`
}

function healthText({ kind, ready, last }: HealthPicture, now: number): string {
  const found =
    last === undefined
      ? 'not yet checked'
      : `last check ${duration(now - last.at)} ago: ${last.ok ? 'well' : (last.why ?? 'failed')}`
  return `${kind}: ${ready ? 'ready' : 'not ready'}; ${found}`
}

function droppedText(dropped = 0): string {
  return dropped === 0 ? '' : `; ${size(dropped)} dropped`
}

function limitLines({ agent, limits }: WhyFacts): string {
  const rows = agent.limits.map(({ limit, value, how, why }) => [
    limit,
    value,
    `${how ?? 'unknown while BootAgent does not say'}${why === undefined ? '' : `: ${why}`}`,
  ])
  const driver = rows.length === 0 || limits === undefined ? '' : columns([[`by ${limits.kind}: ${limits.why}`]], '  ')
  return `${columns(rows, '  ')}${driver}`
}

function exitLines({ exits }: AgentPicture): string {
  return columns(exits.toReversed().map(exitRow), '  ')
}

function exitRow({ time, how, cause, detail, lived, abnormal, release }: ExitPicture): string[] {
  const judged = abnormal ? (cause ?? 'failure') : 'no failure'
  return [moment(time), release, `after ${duration(lived)}`, judged, how, detail ?? '']
}

function lastWords({ lastWords: lines = [] }: AgentPicture): string {
  return lines.map((line) => `  | ${printable(line)}\n`).join('')
}

/** Newest first; of the newest also what was seen of it. */
function failedLines({ failed }: AgentPicture): string {
  const newestFirst = failed.toReversed()
  const rows = columns(
    newestFirst.map(({ time, release, why }) => [moment(time), release, why]),
    '  ',
  )
  const evidence = newestFirst[0]?.lines.map((line) => `  | ${printable(line)}\n`).join('') ?? ''
  return `${rows}${evidence}`
}

/** What may help in each state, as commands that can be typed. */
const ADVICE: Readonly<Record<AgentState, readonly (readonly [command: string, does: string])[]>> = {
  running: [
    ['restart', 'stop it and start it again'],
    ['stop', 'stop it until it is started'],
  ],
  starting: [['stop', 'give up the start']],
  stopping: [],
  stopped: [['start', 'start it']],
  waiting: [
    ['start', 'start it now, and forget its failures'],
    ['stop', 'do not start it again'],
  ],
  fatal: [['reset', 'forget its failures and start it']],
}

function adviceLines({ agent: { name, state }, running }: WhyFacts): string {
  if (!running) return columns([['bootagent -f', 'start BootAgent: nothing is started, stopped or watched without it']], '  ')
  const rows = [...ADVICE[state], ['logs', 'read what it wrote'] as const]
  return columns(
    rows.map(([command, does]) => [`bootagent ${command} ${name}`, does]),
    '  ',
  )
}

function section(title: string, lines: string): string {
  return lines === '' ? '' : `${title}:\n${lines}`
}
