import { crashPoint, type Log } from '@bootagent/runtime'
import type { AgentRecord } from '../state/metafile-schema.ts'
import { agentPaths, type Paths, releasePath } from '../state/paths.ts'
import { type AttemptSpec, makeAttempt, nextAttemptId, readAttempts, sweepAttempts } from './attempt.ts'
import type { AttemptsPlace } from './look.ts'
import { namesLost, spawnShim } from './spawn-shim.ts'

/** What a start is made from. */
export interface LaunchFacts {
  readonly name: string
  readonly record: AgentRecord | undefined
  readonly place: AttemptsPlace
  readonly paths: Paths
  /** In [0, 1). */
  readonly random: number
  readonly environment: Readonly<Record<string, string>>
  /** Told the attempt's directory before there is a process, so that nothing of it is missed. */
  readonly follow: (directory: string) => void
  readonly log: Log
}

/** A launch that has begun, by its attempt's directory, or why there is none. */
export type LaunchOutcome =
  | { readonly kind: 'launched'; readonly directory: string }
  | { readonly kind: 'hindered'; readonly why: string }

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
  if (release === undefined || settings === undefined) return { kind: 'hindered', why: 'no release is installed' }
  const spec = { release, program: `${releasePath(paths, name, release)}/${settings.run.exec}`, args: settings.run.args ?? [] }
  const lost = namesLost(environment)
  if (lost.length > 0) facts.log.warn({ name, variables: lost }, 'variables with such names do not reach the agent')
  const own = agentPaths(paths, name)
  try {
    crashPoint('start:before-attempt')
    const directory = prepare(facts, spec)
    crashPoint('start:attempt-made')
    facts.follow(directory)
    const { program, args } = spec
    await spawnShim({ attempt: directory, program, args, environment, directory: own.data, output: own.output })
    crashPoint('start:spawned')
    return { kind: 'launched', directory }
  } catch (error) {
    if (!isRefusal(error)) throw error
    return { kind: 'hindered', why: `the host could not start it: ${error.message}` }
  }
}

function prepare({ record, place, random }: LaunchFacts, spec: AttemptSpec): string {
  const used = record?.exits.map((exit) => exit.attempt) ?? []
  const id = nextAttemptId(place.directory, used, random)
  const ofThisBoot = readAttempts(place.directory).filter((attempt) => attempt.boot === place.bootid)
  sweepAttempts(
    place.directory,
    ofThisBoot.slice(1 - ATTEMPTS_KEPT).map((attempt) => attempt.id),
  )
  return makeAttempt(place.directory, id, { bootid: place.bootid, spec })
}

/** An error of the system, or of node when it judged the arguments: the host's or the package's fault, and not ours. */
function isRefusal(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && ('syscall' in error || (error as NodeJS.ErrnoException).code === 'ERR_INVALID_ARG_VALUE')
}
