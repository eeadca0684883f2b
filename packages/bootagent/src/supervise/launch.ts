import { chmodSync, chownSync } from 'node:fs'
import { chmod, chown, type FileHandle, mkdir, readdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseLimits, type ResourceLimits } from '@bootagent/protocol'
import { crashPoint, type Log } from '@bootagent/runtime'
import { READY_VARIABLE, readyFileOf } from '../health/ready-file.ts'
import type { Joining, LimitsDriver } from '../limits/driver.ts'
import type { AgentRecord, ReleaseRecord } from '../state/metafile-schema.ts'
import { fileSetId } from '../state/file-sets.ts'
import { agentPaths, fileSetPath, type Paths, treePath } from '../state/paths.ts'
import { type Account, findAccount } from './account.ts'
import { makeAttempt, markRefused, nextAttemptId, readAttempts, sweepAttempts } from './attempt.ts'
import { busyVariables } from './busy.ts'
import { examineProgram } from './examine-program.ts'
import { isShortage } from '../shortage.ts'
import { writeLimitsInForce } from './limits-in-force.ts'
import type { AttemptsPlace } from './look.ts'
import { DEFAULT_UMASK } from './shim.ts'
import { namesLost, openOutput, spawnShim } from './spawn-shim.ts'

/** What a start is made from. */
export interface LaunchFacts {
  readonly name: string
  readonly record: AgentRecord | undefined
  readonly place: AttemptsPlace
  readonly driver: LimitsDriver
  readonly paths: Paths
  /** In [0, 1). */
  readonly random: number
  /** Seconds since boot. */
  readonly now: number
  readonly environment: Readonly<Record<string, string>>
  /** Told the attempt before there is a process, so that nothing of it is missed. */
  readonly follow: (attempt: { readonly id: string; readonly directory: string }) => void
  readonly log: Log
}

/** A launch that has begun, by its attempt's directory, or why there is none. */
export type LaunchOutcome =
  | { readonly kind: 'launched'; readonly directory: string }
  /** `passing`: of what comes back without anybody's changing the release, such as room on a disk. */
  | { readonly kind: 'hindered'; readonly why: string; readonly passing: boolean }

/** Attempts that stay for looking at, the new one included. */
const ATTEMPTS_KEPT = 3

/**
 * Starts the agent's current release. The caller has seen that no process of the agent is left.
 * Written ahead: the attempt is there before its process, so that whoever comes after us finds both or none.
 */
export async function launch(facts: LaunchFacts): Promise<LaunchOutcome> {
  const { name, record, paths, environment } = facts
  const release = record?.release ?? undefined
  const settings = release === undefined ? undefined : record?.releases[release]
  if (release === undefined || settings === undefined) return { kind: 'hindered', why: 'no release is installed', passing: false }
  const lost = namesLost(environment)
  if (lost.length > 0) facts.log.warn({ name, variables: lost }, 'variables with such names do not reach the agent')
  try {
    const program = `${treePath(paths, name, settings.tree ?? release)}/${settings.run.exec}`
    return await launchRelease(facts, { release, settings, program })
  } catch (error) {
    if (!isRefusal(error)) throw error
    return { kind: 'hindered', why: `the host could not start it: ${error.message}`, passing: isShortage(error) }
  }
}

/** What of a release one start is made of. */
interface Launched {
  readonly release: string
  readonly settings: ReleaseRecord
  /** Absolute path. */
  readonly program: string
}

async function launchRelease(facts: LaunchFacts, what: Launched): Promise<LaunchOutcome> {
  const { run } = what.settings
  const account = await findAccount(run)
  const refused = 'refused' in account ? account.refused : examineProgram(what.program)
  if (refused !== undefined || 'refused' in account) return begin(facts, what, { refused: refused ?? '' })
  const own = agentPaths(facts.paths, facts.name)
  // First what the home's disk has to do, never on our own thread: it may stand still, and the attempt's directory lies in memory.
  await giveWay(facts.paths, own, account)
  await giveFiles(facts, what.settings, account)
  const output = await openOutput(own.output)
  try {
    return await begin(facts, what, { account, output })
  } finally {
    await output.close()
  }
}

/** What a program is started with, or why none is. */
type Means = { readonly account: Account; readonly output: FileHandle } | { readonly refused: string }

async function begin(facts: LaunchFacts, what: Launched, means: Means): Promise<LaunchOutcome> {
  const { run } = what.settings
  crashPoint('start:before-attempt')
  const { id, directory, joining } = prepare(facts, what, 'refused' in means ? [] : means.account.prefix)
  crashPoint('start:attempt-made')
  facts.follow({ id, directory })
  if ('refused' in means) {
    markRefused(directory, means.refused, facts.now)
    return { kind: 'launched', directory }
  }
  const own = agentPaths(facts.paths, facts.name)
  giveAttempt(facts.paths, { own, directory, account: means.account })
  await spawnShim({
    attempt: directory,
    command: [...means.account.prefix, what.program, ...(run.args ?? [])],
    wrap: joining.wrap,
    umask: run.umask ?? DEFAULT_UMASK,
    openFiles: limitsOf(what.settings).openFiles,
    environment: { ...facts.environment, [READY_VARIABLE]: readyFileOf(directory), ...busyVariables(directory) },
    directory: own.data,
    output: means.output.fd,
  })
  crashPoint('start:spawned')
  return { kind: 'launched', directory }
}

function prepare(
  facts: LaunchFacts,
  what: Launched,
  behind: readonly string[],
): { id: string; directory: string; joining: Joining } {
  const { name, driver, place, record, random } = facts
  const id = nextAttemptId(place.directory, record?.exits.map((exit) => exit.attempt) ?? [], random)
  const kept = readAttempts(place.directory)
    .filter((attempt) => attempt.boot === place.bootid)
    .slice(1 - ATTEMPTS_KEPT)
  sweepAttempts(
    place.directory,
    kept.map((attempt) => attempt.id),
  )
  // Nothing of the agent runs: what counted its earlier attempts has been read when they ended.
  for (const attempt of driver.attemptsOf(name)) driver.remove({ agent: name, attempt })
  const limits = limitsOf(what.settings)
  const joining = driver.prepare({ agent: name, attempt: id }, limits)
  const spec = { release: what.release, program: what.program, args: what.settings.run.args ?? [], behind }
  const directory = makeAttempt(place.directory, id, { bootid: place.bootid, spec, join: joining.files })
  writeLimitsInForce(directory, { limits: what.settings.limits, unapplied: joining.unapplied })
  return { id, directory, joining }
}

/** Judged when the job came; what a later version may have written is then not held, and `status` says so. */
function limitsOf({ limits }: ReleaseRecord): ResourceLimits {
  const parsed = parseLimits(limits)
  return 'limits' in parsed ? parsed.limits : {}
}

/**
 * An agent's own directories, and its way to them. The home is closed to everyone; once an agent has rights of its own, it and its
 * like may pass through it, and see nothing on their way (ADR 0023).
 */
async function giveWay(paths: Paths, own: AgentPaths, account: Account): Promise<void> {
  for (const each of [own.data, dirname(own.output)]) await makeIfMissing(each)
  if (isRoot(account)) return
  for (const each of [paths.home, paths.agents, own.root, own.releases]) await chmod(each, PASS_THROUGH)
  for (const each of [own.data, dirname(own.output)]) await chmod(each, OWN)
  await chown(own.data, account.uid, account.gid)
}

/** The same to the attempt, which lies in memory. */
function giveAttempt(paths: Paths, { own, directory, account }: { own: AgentPaths; directory: string; account: Account }): void {
  if (isRoot(account)) return
  for (const each of [paths.run, paths.attempts, own.attempts, directory]) chmodSync(each, PASS_THROUGH)
  chownSync(`${directory}/own`, account.uid, account.gid)
}

/** What it lies in is there. Node's recursion, which would not mind one that is there, hides that there is no quota left. */
async function makeIfMissing(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: OWN })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !(await stat(directory)).isDirectory()) throw error
  }
}

/** Its configuration files are its to read, and nobody's to change. */
async function giveFiles({ paths, name }: LaunchFacts, { files }: ReleaseRecord, account: Account): Promise<void> {
  if (files === undefined || isRoot(account)) return
  await chmod(agentPaths(paths, name).files, PASS_THROUGH)
  const set = fileSetPath(paths, name, fileSetId(files))
  for (const each of ['', ...(await readdir(set, { recursive: true, encoding: 'utf8' }))])
    await chown(`${set}/${each}`, 0, account.gid)
}

function isRoot({ uid, gid }: Account): boolean {
  return uid === 0 && gid === 0
}

type AgentPaths = ReturnType<typeof agentPaths>

const PASS_THROUGH = 0o711
/** Closed to the other agents. */
const OWN = 0o750

/** An error of the system, of a program of its own, or of node when it judged the arguments: the host's or the package's fault, not ours. */
function isRefusal(error: unknown): error is NodeJS.ErrnoException {
  return (
    error instanceof Error &&
    ('syscall' in error || 'killed' in error || (error as NodeJS.ErrnoException).code === 'ERR_INVALID_ARG_VALUE')
  )
}
