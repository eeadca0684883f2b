import type { Inode } from '../disk/inode.ts'
import { currentOf, type HostFacts } from '../world/facts.ts'
import type { Warehouse } from '../world/packages.ts'
import { invariant } from './invariant.ts'

const seen = new WeakMap<HostFacts, number>()

export const WHOLE_RELEASE = invariant({
  name: 'I-f whole release',
  claim: 'The release that is to run is whole on the disk, and so is whatever `current` leads to.',
  at: 'step',
  judge({ hosts, warehouse }) {
    for (const host of hosts) {
      const generation = host.machine.disk.generation()
      if (seen.get(host) === generation) continue
      seen.set(host, generation)
      const wrong = judgeHost(host, warehouse)
      if (wrong !== undefined) return `${host.name}: ${wrong}`
    }
    return undefined
  },
})

function judgeHost({ machine, metafile }: HostFacts, warehouse: Warehouse): string | undefined {
  for (const [name, agent] of Object.entries(metafile?.agents ?? {})) {
    const release = currentOf(agent)
    // What is being removed is still on record, and is not to run.
    if (release === null || agent.wanted === 'stopped') continue
    const found = machine.disk.findIfThere(`/home/agents/${name}/releases/${agent.releases[release]?.tree ?? release}`)
    const cargo = warehouse.byDigest(agent.releases[release]?.digest ?? '')
    if (found === undefined) return `${name} is to run ${release}, which is not there`
    const tree = [...filesOf(found)].toSorted().join('\n')
    const wanted = [...(cargo?.tree ?? [])]
      .map(([path, text]) => `${path} ${text}`)
      .toSorted()
      .join('\n')
    if (tree !== wanted) return `${name} is to run ${release}, which is not whole`
    const link = machine.disk.findIfThere(`/home/agents/${name}/current`)
    if (link?.kind === 'link' && machine.disk.findIfThere(`/home/agents/${name}/${link.target}`) === undefined)
      return `current of ${name} leads to ${link.target}, which is not there`
  }
  return undefined
}

function* filesOf(inode: Inode, path = ''): Generator<string> {
  if (inode.kind === 'file') yield `${path} ${inode.bytes.toString()}`
  if (inode.kind !== 'directory') return
  for (const [name, each] of inode.entries) yield* filesOf(each, path === '' ? name : `${path}/${name}`)
}

export const BOUNDED = invariant({
  name: 'I-i bounded',
  claim: 'Jobs, events and ends on record stay within their bounds, whatever happens.',
  at: 'recorded',
  judge({ after, host }) {
    const jobs = Object.values(after.jobs)
    const open = jobs.filter(({ state }) => state !== 'done').length
    // As many cancels as jobs, and the orders at the host.
    if (open > 50 + 50 + 16) return `${host.name} has ${open} open jobs`
    if (jobs.length > 2100) return `${host.name} keeps ${jobs.length} jobs`
    if (after.events.length > 100) return `${host.name} keeps ${after.events.length} events`
    const talkative = Object.entries(after.agents).find(([, agent]) => agent.exits.length > 5)
    return talkative === undefined ? undefined : `${host.name} keeps ${talkative[1].exits.length} ends of ${talkative[0]}`
  },
})

export const TIDY = invariant({
  name: 'I-i tidy',
  claim: 'At rest a host holds the releases that are on record, and nothing that was left of work.',
  at: 'rest',
  judge({ hosts }) {
    for (const { machine, metafile, name } of hosts) {
      // What a failing disk would not have removed is swept after the next job, or at the next start.
      if (machine.scarred) continue
      const left = namesIn(machine.disk.findIfThere('/home/tmp')).filter((each) => !each.startsWith('.'))
      if (left.length > 0) return `${name} has left ${left.join(', ')} in tmp`
      for (const agent of namesIn(machine.disk.findIfThere('/home/agents'))) {
        const releases = namesIn(machine.disk.findIfThere(`/home/agents/${agent}/releases`))
        const trees = Object.entries(metafile?.agents[agent]?.releases ?? {}).map(([id, { tree }]) => tree ?? id)
        const stray = releases.find((tree) => !trees.includes(tree))
        if (stray !== undefined) return `${name} holds ${agent} ${stray}, which is on no record`
      }
    }
    return undefined
  },
})

function namesIn(inode: Inode | undefined): string[] {
  return inode?.kind === 'directory' ? [...inode.entries.keys()] : []
}
