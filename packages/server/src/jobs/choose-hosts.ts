import { type Target, tagsMatch } from '@bootagent/protocol'
import { ServerError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import type { HostStore } from '../hosts/host-store.ts'

/** The hosts a target means now, at least one. Throws ServerError `nothing-matches`, also when one of several named hosts is unknown. */
export async function chooseHosts(hosts: HostStore, target: Target): Promise<readonly Host[]> {
  if ('hosts' in target) return namedHosts(hosts, target.hosts)
  const all = await hosts.all()
  const chosen = 'tags' in target ? all.filter((host) => tagsMatch(target.tags, host.tags)) : all
  if (chosen.length > 0) return chosen
  const whom = 'tags' in target ? `no host has the tags ${target.tags}` : 'no host has registered yet'
  throw new ServerError('nothing-matches', whom)
}

async function namedHosts(hosts: HostStore, names: readonly string[]): Promise<readonly Host[]> {
  const found: Host[] = []
  for (const name of new Set(names)) {
    const host = await hosts.find(name)
    if (host === undefined) throw new ServerError('nothing-matches', `there is no host ${name}`)
    found.push(host)
  }
  return found
}
