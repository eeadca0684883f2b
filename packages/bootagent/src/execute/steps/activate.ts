import { crashPoint, RuntimeError } from '@bootagent/runtime'
import type { StepPayloads } from '../../plan/step.ts'
import { type AgentRecord, changeAgent, type Trial } from '../../state/metafile-schema.ts'
import { pointLinks } from '../links.ts'
import type { Work } from '../tools.ts'

/**
 * Makes a release the current one. The trial, with the way back, becomes durable in the same write that makes the new release
 * the one to be started: there is no moment at which it could run unwatched.
 */
export async function activate({ name, release, trial }: StepPayloads['activate'], work: Work): Promise<void> {
  await work.metafile.update(
    changeAgent(name, (agent) => ({
      ...agent,
      release,
      previous: agent.release,
      releases: latestLast(agent.releases, release),
      // Another release is another program: what the old one did is not held against it.
      strikes: 0,
      fatal: false,
      trial: trial === undefined ? null : { ...trial, release, ...wayBack(agent), after: lastAttempt(agent) },
    })),
  )
  crashPoint('activate:recorded')
  await pointLinks(work.paths, name, work.metafile.read().agents[name])
}

/** Makes the release from before the trial current again; the failed trial stays on record until the job has its result. */
export async function goBack({ name, to }: StepPayloads['go-back'], work: Work): Promise<void> {
  await work.metafile.update(
    changeAgent(name, (agent) => ({
      ...agent,
      release: to,
      previous: agent.trial?.previous ?? null,
      wanted: agent.trial?.wanted ?? agent.wanted,
      strikes: 0,
      fatal: false,
    })),
  )
  crashPoint('go-back:recorded')
  // They are for people: a disk that takes no link now must not keep the old release from running. They are put right after the job.
  await pointLinks(work.paths, name, work.metafile.read().agents[name]).catch((error: unknown) => {
    if (!(error instanceof RuntimeError)) throw error
    work.log.warn({ agent: name, why: error.message }, 'the links of an agent cannot be made now')
  })
}

/** What going back will bring back. */
function wayBack({ release, previous, wanted }: AgentRecord): Pick<Trial, 'from' | 'previous' | 'wanted'> {
  return { from: release, previous, wanted }
}

/** Releases stand in the order of their last use: what is kept and what goes is decided by it. */
function latestLast(releases: AgentRecord['releases'], release: string): AgentRecord['releases'] {
  const { [release]: latest, ...others } = releases
  return latest === undefined ? others : { ...others, [release]: latest }
}

function lastAttempt(agent: AgentRecord): string | null {
  return agent.exits.at(-1)?.attempt ?? null
}
