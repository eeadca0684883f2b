import type { Host } from './host.ts'
import type { Claim, HostStore } from './host-store.ts'

/** Hosts in memory, for tests of what is built on the port; it passes the same contract as the database. */
export function memoryHostStore(): HostStore {
  const hosts = new Map<string, Host>()
  const renamed = new Map<string, string>()
  const change = (agentsn: string, fields: Partial<Host>): boolean => {
    const host = hosts.get(agentsn)
    if (host !== undefined) hosts.set(agentsn, { ...host, ...fields })
    return host !== undefined
  }

  return {
    find: async (agentsn) => hosts.get(agentsn),
    all: async () => [...hosts.values()].sort(byHostname),
    async add(host) {
      if (hosts.has(host.agentsn)) throw new TypeError(`host ${host.agentsn} is there already`)
      hosts.set(host.agentsn, host)
    },
    async claim({ agentsn, machine }) {
      change(agentsn, { machine })
    },
    setTags: async (agentsn, tags) => change(agentsn, { tags }),
    async saveReport(agentsn, report) {
      const platform = report.platform ?? hosts.get(agentsn)?.platform
      const { hostname, version } = report
      change(agentsn, { hostname, version, platform, report: { ...report, platform } })
    },
    findRenamed: async (asked) => hosts.get(renamed.get(keyOf(asked)) ?? ''),
    async addRenamed(asked, agentsn) {
      renamed.set(keyOf(asked), agentsn)
    },
  }
}

function byHostname(a: Host, b: Host): number {
  return a.hostname === b.hostname ? order(a.agentsn, b.agentsn) : order(a.hostname, b.hostname)
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

function keyOf({ agentsn, machine }: Claim): string {
  return `${agentsn} ${machine}`
}
