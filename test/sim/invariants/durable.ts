import { jobKey } from '@bootagent/protocol'
import { assignmentKey } from '../server/server.ts'
import { isOpen } from '../../../packages/server/src/jobs/job.ts'
import { certainMetafile, certainText, metafileText, textOf } from '../world/facts.ts'
import { invariant } from './invariant.ts'

export const CHANGE_IS_DURABLE = invariant({
  name: 'I-d a change is durable',
  claim: 'When a change of the metafile is said to be done, no power cut can undo it.',
  at: 'recorded',
  judge: ({ host, after }) =>
    certainText(host.machine) === textOf(after) ? undefined : `${host.name}: a power cut now would leave another metafile`,
})

export const NOTHING_FORGOTTEN = invariant({
  name: 'I-d nothing forgotten',
  claim: 'A BootAgent that begins finds what the one before it was last told to be durable, or what it was just writing.',
  at: 'found',
  judge({ host }) {
    const { attempted, found, machine, metafile } = host
    const text = metafileText(machine)
    if (metafile === undefined || text === (found ?? textOf(metafile))) return undefined
    if ([...attempted].some((each) => textOf(each) === text)) return undefined
    return `${host.name} has gone back behind what was durable`
  },
})

export const TOLD_IS_DURABLE = invariant({
  name: 'I-d told is durable',
  claim: 'A result that a report carries is on the disk of its host, for certain, before it leaves.',
  at: 'sent',
  judge({ host, report }) {
    if (report.jobs.length === 0) return undefined
    const certain = certainMetafile(host)
    const lost = report.jobs.find(
      (result) =>
        JSON.stringify(certain?.jobs[jobKey({ ...result, action: result.action ?? '' })]?.result) !== JSON.stringify(result),
    )
    return lost === undefined ? undefined : `${host.name} tells ${JSON.stringify(lost)}, and could still forget it`
  },
})

export const ANSWERED_IS_DURABLE = invariant({
  name: 'I-d answered is durable',
  claim: 'When a host has the answer to a report, the server has every result in it, for certain.',
  at: 'answered',
  judge({ report, fleet }) {
    for (const result of report.jobs) {
      const found = fleet.server.assignments.get(assignmentKey({ agentsn: report.agentsn, job: { id: result.id } }))
      const isOurs = found !== undefined && found.job.action === result.action && (found.job.name ?? '') === (result.name ?? '')
      if (isOurs && isOpen(found))
        return `${report.agentsn} may forget ${JSON.stringify(result)}, and the server does not have it`
    }
    return undefined
  },
})

export const ONE_IDENTITY = invariant({
  name: 'one identity',
  claim: 'A host that a server has answered is the same host for ever, and the server knows no host that is none.',
  at: 'rest',
  judge({ hosts, server }) {
    const own = hosts.map((host) => host.metafile?.identity.agentsn ?? '').toSorted()
    const known = [...server.reports.keys()].toSorted()
    return JSON.stringify(own) === JSON.stringify(known)
      ? undefined
      : `hosts are ${own.join(', ')}; the server knows ${known.join(', ')}`
  },
})
