import type { EventSummary, HostDetail, HostJob, HostSummary, JobDetail, PackageRecord } from '@bootagent/protocol'
import { NOW } from './terminal.ts'

/** A host as the server shows it in a list. */
export function aHost(over: Partial<HostSummary> = {}): HostSummary {
  return {
    agentsn: 'bfdcc18c-b6b9-4725-9c47-37fd93dba5b6',
    hostname: 'web-1',
    tags: 'svc=ecs,cmpt=DB',
    version: 'bootagent-1.2.4-x86_64',
    platform: { os: 'linux', arch: 'x64' },
    registered: NOW - 3 * 86_400,
    seen: NOW - 180,
    step: 600,
    agents: [{ name: 'metrics', version: '1.0.0', status: 'running', uptime: 7200 }],
    openJobs: 0,
    ...over,
  }
}

export function aHostInFull(over: Partial<HostDetail> = {}): HostDetail {
  return { ...aHost(), jobs: [], events: [], ...over }
}

/** A job for the given parts of hosts; the counts follow from them. */
export function aJob(hosts: readonly Partial<HostJob>[], over: Partial<JobDetail> = {}): JobDetail {
  const all = hosts.map((host): HostJob => ({ agentsn: aHost().agentsn, hostname: 'web-1', state: 'queued', ...host }))
  const counts = { queued: 0, offered: 0, running: 0, succeeded: 0, failed: 0 }
  for (const { state } of all) counts[state] += 1
  return { id: 'job-1', action: 'install', name: 'metrics', version: '1.0.0', created: NOW - 60, counts, hosts: all, ...over }
}

/** An agent that failed on that host a minute ago; `position` tells one from the next. */
export function anEvent(position: number, over: Partial<EventSummary> = {}): EventSummary {
  return {
    position,
    agentsn: aHost().agentsn,
    hostname: 'web-1',
    received: NOW - 30,
    id: `${position}`.padStart(16, '0'),
    timestamp: NOW - 60,
    category: 'agent-exit',
    subject: 'metrics',
    message: `end number ${position}`,
    ...over,
  }
}

export function aPackage(over: Partial<PackageRecord> = {}): PackageRecord {
  return {
    name: 'metrics',
    version: '1.0.0',
    os: 'linux',
    arch: 'any',
    format: 'tar.gz',
    file: 'metrics-1.0.0.tar.gz',
    size: 1536,
    sha256: '4a34b8d7d3009bb9ef9475fbf33e7bbe4a1e8db003aefc578a241c2f51c2c2f2',
    published: NOW - 3600,
    ...over,
  }
}
