import type { JobOf } from '@bootagent/protocol'
import { targetsOf, wasCalledOff } from '../job/call-off.ts'
import type { HostState } from '../state/host-state.ts'
import type { JobRecord } from '../state/metafile-schema.ts'
import type { Circumstances } from './circumstances.ts'
import { type End, type Plan, refuse, success } from './step.ts'

/** cancel: calls off the jobs of one id that have not ended; of those that have it tells how. */
export function planCancel(job: JobOf<'cancel'>, { jobs }: HostState, { key }: Circumstances): Plan {
  const targets = targetsOf(job, jobs)
  if (targets.length === 0) {
    return refuse('job-unknown', `this host has no job ${job.job}; should it still come, it is not begun`)
  }
  const records = targets.flatMap((target) => jobs[target] ?? [])
  if (records.every(({ state }) => state === 'done')) return { kind: 'end', end: endOfCancel(records) }
  return { kind: 'steps-first', steps: [{ kind: 'call-off', targets, by: key }] }
}

/** What it came to, by how the jobs it meant have ended. */
function endOfCancel(targets: readonly JobRecord[]): End {
  const others = targets.filter((record) => !wasCalledOff(record))
  if (others.length === 0) return success(targets.map(describeEnd).join('; '))
  return { reason: 'too-late', message: `it had ended already: ${others.map(describeEnd).join('; ')}` }
}

function describeEnd({ job, result }: JobRecord): string {
  const { action = 'a job', name } = job ?? result ?? {}
  return `${action}${name === undefined ? '' : ` of ${name}`}: ${result?.message ?? ''}`
}
