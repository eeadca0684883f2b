import type { RegisterRequest } from '@bootagent/protocol'
import type { Host } from './host.ts'
import type { HostStore } from './host-store.ts'

/** What the server adds to a request to register. */
export interface Registration {
  readonly request: RegisterRequest
  /** Where the request came from. */
  readonly address: string
  /** Unix seconds. */
  readonly now: number
  /** For a host that is new. */
  readonly tags: string
  /** A fresh agentsn, used only for a clone. */
  readonly spare: string
}

/** Who a host is by now: its own agentsn, or another one when its own is taken. */
export type Registered = Pick<Host, 'agentsn' | 'tags'>

/**
 * Takes a host in. A repeat, the same agentsn from the same machine, changes nothing. The same agentsn from another machine
 * is a clone and gets the spare one, and the answer is remembered: asked again, because the answer was lost or the clone
 * crashed before it had stored it, the server gives the same answer and one machine never becomes two hosts.
 */
export async function registerHost(hosts: HostStore, registration: Registration): Promise<Registered> {
  const { request, address } = registration
  const asked = { agentsn: request.agentsn, machine: machineOf(request, address) }
  const known = await hosts.find(asked.agentsn)
  if (known === undefined) return addHost(hosts, registration, asked)
  if (known.machine === asked.machine) return known
  if (known.machine === undefined) {
    await hosts.claim(asked)
    return known
  }
  const renamed = await hosts.findRenamed(asked)
  if (renamed !== undefined) return renamed
  const added = await addHost(hosts, registration, { ...asked, agentsn: registration.spare })
  await hosts.addRenamed(asked, added.agentsn)
  return added
}

/** What tells one machine from another: its fingerprint, or for a host that knows only the seed its name and address. */
function machineOf(request: RegisterRequest, address: string): string {
  return request.machine === undefined ? `${request.hostname} at ${address}` : `machine ${request.machine}`
}

async function addHost(
  hosts: HostStore,
  { request, now, tags }: Registration,
  claim: Pick<Host, 'agentsn' | 'machine'>,
): Promise<Host> {
  const { hostname, version = '', platform } = request
  const host = { ...claim, hostname, tags, version, platform, registered: now }
  await hosts.add(host)
  return host
}
