import { agentOf, type JobProgress } from '@bootagent/protocol'
import type { Metafile } from '../state/metafile-schema.ts'
import { jobOf, laneOf } from './next-jobs.ts'

/**
 * How far every open job of the server is; those of an operator here are not its business. A job that waits says for which: an
 * operator who sees it stand still shall know whom to look at.
 */
export function toldProgress(metafile: Metafile, progress: ReadonlyMap<string, JobProgress>): JobProgress[] {
  const open = Object.entries(metafile.jobs).filter(([, record]) => record.state !== 'done')
  return open.flatMap(([key, record]) => {
    if (record.local === true) return []
    const told = progress.get(key)
    if (told !== undefined) return [told]
    const { id, action, ...job } = jobOf(record)
    const name = agentOf(jobOf(record)) ?? ('name' in job ? job.name : undefined)
    return [{ id, action, ...(name === undefined ? {} : { name }), stage: stageOf(key, open) }]
  })
}

type Entry = readonly [key: string, record: Metafile['jobs'][string]]

function stageOf(key: string, open: readonly Entry[]): string {
  const own = open.find(([other]) => other === key)
  if (own === undefined || own[1].state === 'running') return 'about to go on'
  const lane = open.filter((entry) => laneOf(...entry) === laneOf(...own))
  const ahead = lane.find(([, record]) => record.state === 'running') ?? lane[0]
  if (ahead === undefined || ahead[0] === key) return 'about to begin'
  const { action, id } = jobOf(ahead[1])
  return `waits for the ${action} of job ${id}`
}
