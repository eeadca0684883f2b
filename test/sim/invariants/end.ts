import { reasonOf } from '@bootagent/protocol'
import { isOpen } from '../../../packages/server/src/jobs/job.ts'
import { aliveOf, currentOf, type HostFacts } from '../world/facts.ts'
import { invariant } from './invariant.ts'

export const EVERY_JOB_REPORTED = invariant({
  name: 'I-g every job reported',
  claim: 'Once faults have stopped, every job gets its one result, at its host and at the server, and the same.',
  at: 'rest',
  judge(fleet) {
    for (const assignment of fleet.server.assignments.values()) {
      const { job, agentsn } = assignment
      const host = fleet.hosts.find(({ metafile }) => metafile?.identity.agentsn === agentsn)
      const what = `${job.action} ${job.name ?? ''} ${job.version ?? ''} of ${host?.name ?? agentsn}`
      if (isOpen(assignment)) return `${what} has no result at the server: it is ${assignment.state}`
      const own = host?.results.get([job.id, job.action, job.name ?? ''].join(' '))
      if (host?.forgotten.has([job.id, job.action, job.name ?? ''].join(' ')) === true) continue
      // Called off before the host was told of it: nobody there has a word for it.
      if (own === undefined && (job.action === 'cancel' || assignment.outcome?.message.startsWith('called off before') === true))
        continue
      const said = own === undefined ? undefined : (JSON.parse(own) as { errcode: number; message: string })
      if (said?.errcode !== assignment.outcome?.errcode || said?.message !== assignment.outcome?.message)
        return `${what}: the host says ${own}, the server ${JSON.stringify(assignment.outcome)}`
    }
    return undefined
  },
})

export const ALL_ACKNOWLEDGED = invariant({
  name: 'I-g all acknowledged',
  claim: 'Once faults have stopped, no host has a job that is not done, nor a result or an event that nobody has acknowledged.',
  at: 'rest',
  judge({ hosts }) {
    for (const { metafile, name } of hosts) {
      const open = Object.entries(metafile?.jobs ?? {}).find(
        ([, { state, acknowledged }]) => state !== 'done' || acknowledged === undefined,
      )
      if (open !== undefined)
        return `${name}: ${open[0]} is ${open[1].state}${open[1].state === 'done' ? ', not acknowledged' : ''}`
      const trial = Object.entries(metafile?.agents ?? {}).find(([, agent]) => agent.trial !== null)
      if (trial !== undefined) return `${name}: ${trial[0]} is on trial for ever`
    }
    return undefined
  },
})

export const ONE_VIEW = invariant({
  name: 'one view',
  claim:
    'Once faults have stopped, what the server shows of a host is what is there: its agents, their releases, and whether they run.',
  at: 'rest',
  judge({ hosts, server }) {
    for (const host of hosts) {
      const report = server.reports.get(host.metafile?.identity.agentsn ?? '')
      const shown = (report?.agents ?? []).map(({ name, release, pid }) => `${name} ${release} ${pid ?? '-'}`)
      const there = agentsOf(host)
      if (JSON.stringify(shown.toSorted()) !== JSON.stringify(there.toSorted()))
        return `the server shows of ${host.name}: ${shown.join(', ')}; there is: ${there.join(', ')}`
    }
    return undefined
  },
})

function agentsOf(host: HostFacts): string[] {
  return Object.entries(host.metafile?.agents ?? {})
    .filter(([, agent]) => currentOf(agent) !== null)
    .map(([name, agent]) => `${name} ${currentOf(agent)} ${aliveOf(host, name)[0]?.pid ?? '-'}`)
}

export const KEPT_RUNNING = invariant({
  name: 'kept running',
  claim: 'Once faults have stopped, what is wanted runs, unless its own program has failed it.',
  at: 'rest',
  judge({ hosts }) {
    for (const host of hosts) {
      for (const [name, agent] of Object.entries(host.metafile?.agents ?? {})) {
        const runs = aliveOf(host, name).length > 0
        if (agent.wanted === 'stopped' && runs) return `${host.name}: ${name} is to be stopped, and runs`
        const failed = agent.exits.at(-1)?.abnormal === true || agent.fatal
        if (agent.wanted === 'running' && !runs && !failed)
          return `${host.name}: ${name} is to run, has not failed, and does not run`
      }
    }
    return undefined
  },
})

export const NO_FAULT = invariant({
  name: 'no fault',
  claim: 'BootAgent never ends by a fault of its own, and never tells of one.',
  at: 'fault',
  judge: ({ host, error }) => `${host.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
})

export const NOTHING_UNHANDLED = invariant({
  name: 'no fault unhandled',
  claim: 'No failure goes by unheard: a rejection that nobody handles would end BootAgent, or the server.',
  at: 'unhandled',
  judge: ({ error }) => (error instanceof Error ? error.message : String(error)),
})

export const NOTHING_INTERNAL = invariant({
  name: 'nothing internal',
  claim: 'No job ends with `internal`: that is for what nobody foresaw.',
  at: 'result',
  judge: ({ host, result }) => (reasonOf(result.errcode) === 'internal' ? `${host.name}: ${JSON.stringify(result)}` : undefined),
})
