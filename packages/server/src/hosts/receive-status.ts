import type { StatusReport } from '@bootagent/protocol'
import { type Host, LONGEST_STEP } from './host.ts'
import type { HostStore } from './host-store.ts'

/** What the server adds to a report. */
export interface Arrival {
  readonly report: StatusReport
  /** Unix seconds. */
  readonly now: number
  /** For a host that is new. */
  readonly tags: string
}

/**
 * Keeps what a host says about itself. An unknown one is taken in on the spot: hosts register once in their life, so after
 * the loss of this server's database the reports are how it learns of them again.
 */
export async function receiveStatus(hosts: HostStore, arrival: Arrival): Promise<Host> {
  const { report, now } = arrival
  const host = (await hosts.find(report.agentsn)) ?? (await takeIn(hosts, arrival))
  const { hostname, version, platform, agents, features = [] } = report
  const last = { hostname, version, platform, seen: now, step: Math.min(report.step, LONGEST_STEP), agents, features }
  await hosts.saveReport(report.agentsn, last)
  return { ...host, hostname, version, platform: platform ?? host.platform, report: last }
}

async function takeIn(hosts: HostStore, { report, now, tags }: Arrival): Promise<Host> {
  const { agentsn, hostname, version, platform } = report
  const host = { agentsn, hostname, tags, version, platform, registered: now }
  await hosts.add(host)
  return host
}
