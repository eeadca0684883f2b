import { agentOf, ERRORS, type Job, type JobResult } from '@bootagent/protocol'
import type { Metafile, Reducer } from '../state/metafile-schema.ts'
import { keptReleases } from '../state/releases.ts'
import { nextJobRecord } from './job-state.ts'

/**
 * Ends a job: its result, the end of its trial, and the forgetting of releases that are not kept become durable in one write, so no
 * crash can leave a result without its effect or a trial without its job.
 */
export function finishJob(key: string, job: Job, result: JobResult): Reducer {
  return (metafile) => {
    const record = metafile.jobs[key]
    if (record === undefined) return metafile
    const jobs = { ...metafile.jobs, [key]: nextJobRecord(record, { kind: 'finish', result }) }
    const name = agentOf(job)
    return { ...metafile, jobs, agents: name === undefined ? metafile.agents : settleAgent(metafile, name, key) }
  }
}

/** The wire's form of how a job ended. */
export function resultOf(job: Job, end: { reason: keyof typeof ERRORS; message: string }): JobResult {
  const name = 'name' in job ? job.name : undefined
  return {
    id: job.id,
    errcode: ERRORS[end.reason].errcode,
    message: end.message.slice(0, 500),
    action: job.action,
    ...(name === undefined ? {} : { name }),
  }
}

function settleAgent(metafile: Metafile, name: string, key: string): Metafile['agents'] {
  const agent = metafile.agents[name]
  if (agent === undefined) return metafile.agents
  const { [name]: _left, ...others } = metafile.agents
  // Nothing ever became current: there is no agent, whatever was unpacked.
  if (agent.release === null) return others
  const trial = agent.trial?.job === key ? null : agent.trial
  return { ...others, [name]: { ...agent, trial, releases: keptReleases(agent) } }
}
