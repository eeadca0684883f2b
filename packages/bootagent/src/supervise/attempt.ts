import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import * as v from 'valibot'
import { type ProcessIdentity, parseStat } from './process-identity.ts'

/**
 * One start of an agent, as its directory tells it. Never used twice; what is in it is all there is to know.
 *
 *     <run>/agents/<name>/000012-5f3a9c1e/    its number, and a nonce
 *       boot         the host's boot it was made in    ┐ there from the first moment: the directory is made beside
 *       spec.json    release, program, arguments       ┘ and renamed, before there is any process
 *       shim         the shim's own line of /proc/PID/stat
 *       stat         the agent's, written just before it becomes its program
 *       ready        free for the agent, to say that it serves; nothing looks at it yet
 *       stop         made by us, before the first signal: its end is asked for
 *       exit         `<status> <seconds since boot>`, by the shim
 *
 * It lies in memory (/run) and is a few lines long: it is read and written in one go, without letting anything else happen between.
 */
export interface Attempt {
  readonly id: string
  readonly directory: string
  readonly boot: string
  readonly release: string
  readonly shim?: ProcessIdentity
  readonly main?: ProcessIdentity
  readonly stopping: boolean
  readonly exit?: ShimExit
}

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
}

const Spec = v.object({ release: v.string() })
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
  const boot = readLine(`${directory}/boot`)
  if (boot === undefined) return undefined
  const shim = identityIn(`${directory}/shim`)
  const main = identityIn(`${directory}/stat`)
  const exit = exitIn(`${directory}/exit`)
  return {
    id: directory.slice(directory.lastIndexOf('/') + 1),
    directory,
    boot,
    release: releaseIn(`${directory}/spec.json`),
    ...(shim === undefined ? {} : { shim }),
    ...(main === undefined ? {} : { main }),
    stopping: existsSync(`${directory}/stop`),
    ...(exit === undefined ? {} : { exit }),
  }
}

/** Makes an attempt's directory, and answers its path. */
export function makeAttempt(
  directory: string,
  id: string,
  made: { readonly bootid: string; readonly spec: AttemptSpec },
): string {
  const beside = `${directory}/.${id}.new`
  mkdirSync(beside, { recursive: true, mode: 0o700 })
  writeFileSync(`${beside}/boot`, `${made.bootid}\n`)
  writeFileSync(`${beside}/spec.json`, `${JSON.stringify(made.spec, undefined, 1)}\n`)
  renameSync(beside, `${directory}/${id}`)
  return `${directory}/${id}`
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

/** Notes that the attempt's end is asked for. It outlives us: an end that was begun is completed, and its exit is no failure. */
export function markStopping(attempt: Attempt): void {
  writeFileSync(`${attempt.directory}/stop`, '')
}

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

function identityIn(path: string): ProcessIdentity | undefined {
  const line = readLine(path)
  const stat = line === undefined ? undefined : parseStat(line)
  return stat === undefined ? undefined : { pid: stat.pid, started: stat.started }
}

function exitIn(path: string): ShimExit | undefined {
  const found = /^(\d{1,3}) (\d+(?:\.\d+)?)$/.exec(readLine(path) ?? '')
  return found === null ? undefined : { status: Number(found[1]), at: Number(found[2]) }
}

function releaseIn(path: string): string {
  const text = unlessGone(() => readFileSync(path, 'utf8')) ?? ''
  const reading = v.safeParse(v.pipe(v.string(), v.parseJson(), Spec), text)
  return reading.success ? reading.output.release : ''
}

/** A file's one line. What does not end in a newline is still being written, or never will be. */
function readLine(path: string): string | undefined {
  const text = unlessGone(() => readFileSync(path, 'latin1'))
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
