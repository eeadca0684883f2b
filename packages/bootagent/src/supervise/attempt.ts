import {
  closeSync,
  constants,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { CAUSES } from '@bootagent/protocol'
import * as v from 'valibot'
import { type ProcessIdentity, parseStat } from './process-identity.ts'

/**
 * One start of an agent, as its directory tells it. Never used twice; what is in it is all there is to know.
 *
 *     <run>/agents/<name>/000012-5f3a9c1e/    its number, and a nonce
 *       boot         the host's boot it was made in    ┐
 *       spec.json    release, program, arguments       │ there from the first moment: the directory is made beside
 *       join         the control groups it is to join  │ and renamed, before there is any process
 *       .stop        room for `stop`                  ┘
 *       own/         the agent's: `own/ready` is there while it serves, if its health is told that way; `own/busy`: busy.ts
 *       shim         the shim's own line of /proc/PID/stat
 *       stat         the agent's, written before it joins its groups and becomes its program
 *       ready        made by us when it was first found ready
 *       limits.json  the limits it runs under, and those the host did not take
 *       release      made by us when these were changed: the release that it runs by since then
 *       stop         made by us, before the first signal: its end is asked for, or forced with a cause
 *       refused      made by us in place of a process: why it could not become its program
 *       exit         `<status> <seconds since boot>`, by the shim
 *
 * It lies in memory (/run) and is a few lines long: it is read and written in one go, without letting anything else happen between.
 */
export interface Attempt {
  readonly id: string
  readonly directory: string
  readonly boot: string
  readonly release: string
  /** What its program was started behind; undefined where a BootAgent made it that did not say. */
  readonly behind?: readonly string[]
  readonly shim?: ProcessIdentity
  readonly main?: ProcessIdentity
  readonly stopping: boolean
  /** Why we end it, when nobody had asked for that. */
  readonly forced?: Forced
  readonly ready: boolean
  /** Why it never was a process of its program. */
  readonly refused?: string
  readonly exit?: ShimExit
}

/** An end that is our own doing, and counts as a failure of the agent's. */
export type Forced = v.InferOutput<typeof Forced>

/** What the shim saw: a shell's status (128 + n for signal n), and when, in seconds since boot. */
export interface ShimExit {
  readonly status: number
  readonly at: number
}

/** What an attempt is to run. The environment is not in it: it may hold secrets. */
export interface AttemptSpec {
  readonly release: string
  readonly program: string
  readonly args: readonly string[]
  /** What its program is started behind, to have the rights it is to have and no others. */
  readonly behind?: readonly string[]
}

const Spec = v.object({ release: v.string(), behind: v.optional(v.array(v.string())) })
const Forced = v.object({ cause: v.picklist(CAUSES), detail: v.string() })
const ID = /^(\d{6,})-([0-9a-f]{8})$/

/** The attempts in an agent's directory, oldest first. */
export function readAttempts(directory: string): Attempt[] {
  return entries(directory)
    .filter((name) => ID.test(name))
    .sort((a, b) => numberOf(a) - numberOf(b))
    .flatMap((name) => readAttempt(`${directory}/${name}`) ?? [])
}

/** One attempt; undefined when its directory is gone or is none of ours. */
export function readAttempt(directory: string): Attempt | undefined {
  // Most of the files are not there as a rule, and each that is asked for in vain costs more than all the others.
  const there = entries(directory)
  const read = (name: string) =>
    there.includes(name) ? unlessGone(() => readFileSync(`${directory}/${name}`, 'utf8')) : undefined
  const boot = lineOf(read('boot'))
  if (boot === undefined) return undefined
  const spec = parseAs(Spec, read('spec.json') ?? '')
  const shim = identityIn(read('shim'))
  const main = identityIn(read('stat'))
  const exit = exitIn(read('exit'))
  const stop = read('stop')
  const forced = parseAs(Forced, stop ?? '')
  const refused = lineOf(read('refused'))
  return {
    id: directory.slice(directory.lastIndexOf('/') + 1),
    directory,
    boot,
    release: lineOf(read('release')) ?? spec?.release ?? '',
    ...(spec?.behind === undefined ? {} : { behind: spec.behind }),
    ...(shim === undefined ? {} : { shim }),
    ...(main === undefined ? {} : { main }),
    stopping: stop !== undefined,
    ...(forced === undefined ? {} : { forced }),
    ready: there.includes('ready'),
    ...(refused === undefined ? {} : { refused }),
    ...(exit === undefined ? {} : { exit }),
  }
}

/** Makes an attempt's directory, and answers its path. */
export function makeAttempt(directory: string, id: string, made: MadeOf): string {
  const beside = `${directory}/.${id}.new`
  mkdirSync(`${beside}/own`, { recursive: true, mode: 0o700 })
  writeFileSync(`${beside}/boot`, `${made.bootid}\n`)
  writeFileSync(`${beside}/spec.json`, `${JSON.stringify(made.spec, undefined, 1)}\n`)
  writeFileSync(`${beside}/join`, (made.join ?? []).map((file) => `${file}\n`).join(''))
  // An agent that has filled what this lies in must be one that can still be ended.
  writeFileSync(`${beside}/${ROOM_TO_STOP}`, '\n')
  renameSync(beside, `${directory}/${id}`)
  return `${directory}/${id}`
}

/** What an attempt's directory is made of. */
export interface MadeOf {
  readonly bootid: string
  readonly spec: AttemptSpec
  /** Files its process writes `0` into, to be in its control groups. */
  readonly join?: readonly string[]
}

/** An id greater than every one in the directory and in `used`; `random` is in [0, 1). */
export function nextAttemptId(directory: string, used: readonly string[], random: number): string {
  const number = Math.max(0, ...[...entries(directory), ...used].filter((name) => ID.test(name)).map(numberOf)) + 1
  const nonce = Math.floor(random * 2 ** 32)
  return `${String(number).padStart(6, '0')}-${nonce.toString(16).padStart(8, '0')}`
}

/** A number in [0, 1) that belongs to the attempt for ever: its nonce. */
export function spreadOf(id: string): number {
  const nonce = ID.exec(id)?.[2]
  return nonce === undefined ? 0 : Number.parseInt(nonce, 16) / 2 ** 32
}

/**
 * Notes that the attempt's end is asked for, or why we force it. It outlives us: an end that was begun is completed, and its exit
 * is no failure unless it was forced. Beside and renamed: half a cause must not read as a request.
 */
export function markStopping(attempt: Attempt, forced?: Forced): void {
  const beside = `${attempt.directory}/${ROOM_TO_STOP}`
  const text = forced === undefined ? '' : JSON.stringify(forced)
  // Over what is there, which takes no more room; where it was used up, for a second mark, a file is made.
  const file = openSync(beside, constants.O_WRONLY | constants.O_CREAT, 0o644)
  try {
    writeSync(file, text, 0)
    ftruncateSync(file, Buffer.byteLength(text))
  } finally {
    closeSync(file)
  }
  renameSync(beside, `${attempt.directory}/stop`)
}

/** What `stop` is made of. */
const ROOM_TO_STOP = '.stop'

/** Whether its end was asked for: by an operator, an upgrade, a restart. */
export function isRequested({ stopping, forced }: Attempt): boolean {
  return stopping && forced === undefined
}

/** Notes that it was found ready; nobody asks again, also after an end of ours. */
export function markReady(directory: string): void {
  writeFileSync(`${directory}/ready`, '')
}

/** Notes that what runs, runs by another release from now on, which differs by its limits alone. */
export function markRelease(directory: string, release: string): void {
  writeFileSync(`${directory}/.release`, `${release}\n`)
  renameSync(`${directory}/.release`, `${directory}/release`)
}

/** Puts down that there will be no process, and why, in the words of a shim that had one for no time at all. */
export function markRefused(directory: string, why: string, uptime: number): void {
  writeFileSync(`${directory}/refused`, `${why.replaceAll('\n', ' ')}\n`)
  writeFileSync(`${directory}/exit`, `${REFUSED_STATUS} ${uptime.toFixed(2)}\n`)
}

/** What a shell answers for a program it cannot become. */
const REFUSED_STATUS = 126

/** Removes every attempt but the named ones, and what a crash left half made. None of them may have a process. */
export function sweepAttempts(directory: string, keep: readonly string[]): void {
  for (const name of entries(directory)) {
    if (!keep.includes(name)) rmSync(`${directory}/${name}`, { recursive: true, force: true })
  }
}

function numberOf(id: string): number {
  return Number.parseInt(id, 10)
}

function entries(directory: string): string[] {
  return unlessGone(() => readdirSync(directory)) ?? []
}

function identityIn(text: string | undefined): ProcessIdentity | undefined {
  const line = lineOf(text)
  const stat = line === undefined ? undefined : parseStat(line)
  return stat === undefined ? undefined : { pid: stat.pid, started: stat.started }
}

function exitIn(text: string | undefined): ShimExit | undefined {
  const found = /^(\d{1,3}) (\d+(?:\.\d+)?)$/.exec(lineOf(text) ?? '')
  return found === null ? undefined : { status: Number(found[1]), at: Number(found[2]) }
}

function parseAs<Value>(schema: v.GenericSchema<unknown, Value>, text: string): Value | undefined {
  const reading = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text)
  return reading.success ? reading.output : undefined
}

/** A file's one line. What does not end in a newline is still being written, or never will be. */
function lineOf(text: string | undefined): string | undefined {
  return text?.endsWith('\n') === true ? text.slice(0, -1) : undefined
}

function unlessGone<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
