import type { HostSummary } from '@bootagent/protocol'
import { CliError } from './errors.ts'

/**
 * The one host an operator means by a whole agentsn, the beginning of one, or a hostname. Throws CliError `no-such-host`, or
 * `ambiguous-host` with the candidates: a job for the wrong host is worse than no job.
 */
export function findHost(text: string, hosts: readonly HostSummary[]): HostSummary {
  const exact = hosts.find((host) => host.agentsn === text)
  if (exact !== undefined) return exact
  const [only, ...others] = text === '' ? [] : hosts.filter((host) => host.agentsn.startsWith(text) || host.hostname === text)
  if (only === undefined) throw new CliError('no-such-host', `no host is called "${text}": bootfleet hosts lists them`)
  if (others.length > 0) throw new CliError('ambiguous-host', `"${text}" may be any of ${listed([only, ...others])}`)
  return only
}

/** The shortest length, from 8 up, at which all these agentsns still differ: what a table may cut them to. */
export function shortLength(agentsns: readonly string[]): number {
  const all = new Set(agentsns)
  for (let length = 8; length < 64; length += 1) {
    if (new Set([...all].map((agentsn) => agentsn.slice(0, length))).size === all.size) return length
  }
  return 64
}

const SHOWN = 10

function listed(hosts: readonly HostSummary[]): string {
  const names = hosts.slice(0, SHOWN).map((host) => `${host.agentsn} (${host.hostname})`)
  const rest = hosts.length - names.length
  return [...names, ...(rest > 0 ? [`${rest} more`] : [])].join(', ')
}
