import { HOST_JOB_STATES, type HostJob, type HostJobState, type JobDetail, type JobSummary } from '@bootagent/protocol'
import { ago } from '../age.ts'
import { shortLength } from '../find-host.ts'
import { describeHostJob } from '../job-progress.ts'
import type { Look } from '../output.ts'
import { type Colour, type Column, table } from '../table.ts'

/** How each state stands out. */
export const STATE_COLOURS: Readonly<Record<HostJobState, Colour | undefined>> = {
  queued: 'dim',
  offered: 'dim',
  running: undefined,
  succeeded: 'green',
  failed: 'red',
}

/** Jobs, one a line. */
export function jobsView(jobs: readonly JobSummary[], look: Look): string {
  return table(jobs, summaryColumns(look), look.colourful)
}

/** One job, and below it each of its hosts. */
export function jobView(job: JobDetail, look: Look): string {
  const length = look.wide ? 64 : shortLength(job.hosts.map((host) => host.agentsn))
  const columns: Column<HostJob>[] = [
    { title: 'HOST', cell: (host) => host.agentsn.slice(0, length) },
    { title: 'HOSTNAME', cell: (host) => host.hostname },
    { title: 'RESULT', cell: describeHostJob, colour: (host) => STATE_COLOURS[host.state] },
  ]
  const parts = [jobsView([job], look), table(job.hosts, columns, look.colourful)]
  return parts.filter((part) => part !== '').join('\n')
}

function summaryColumns(look: Look): Column<JobSummary>[] {
  return [
    { title: 'JOB', cell: (job) => job.id },
    { title: 'ACTION', cell: (job) => (job.job === undefined ? job.action : `${job.action} of ${job.job}`) },
    { title: 'NAME', cell: (job) => job.name ?? '' },
    { title: 'VERSION', cell: (job) => job.version ?? '' },
    { title: 'MADE', cell: (job) => ago(job.created, look.now) },
    { title: 'HOSTS', cell: countsInWords, colour: ({ counts }) => (counts.failed > 0 ? 'red' : undefined) },
  ]
}

/** `2 running, 10 succeeded`: only the states that have hosts in them. */
function countsInWords({ counts }: JobSummary): string {
  const present = HOST_JOB_STATES.filter((state) => counts[state] > 0)
  return present.length === 0 ? 'none' : present.map((state) => `${counts[state]} ${state}`).join(', ')
}
