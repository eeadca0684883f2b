import type { AgentPicture, DaemonPicture, HostPicture } from '../../src/control/picture.ts'
import { OLD } from '../scenes/example-metafile.ts'

/** An agent that runs as it should. */
export function exampleAgentPicture(changes: Partial<AgentPicture> = {}): AgentPicture {
  return {
    name: 'metrics',
    release: OLD,
    version: '1.0.0',
    wanted: 'running',
    state: 'running',
    status: 'running',
    reason: 'its process runs',
    since: 1_700_000_000,
    pid: 4711,
    uptime: 3725,
    restarts: 0,
    strikes: 0,
    strikesAllowed: 3,
    fatal: false,
    exits: [],
    failed: [],
    limits: [],
    log: { path: '/var/lib/bootagent/agents/metrics/log/output.log' },
    ...changes,
  }
}

/** One without a process. */
export function endedAgentPicture(changes: Partial<AgentPicture> = {}): AgentPicture {
  const { pid: _gone, ...ended } = exampleAgentPicture({ uptime: 0 })
  return { ...ended, ...changes }
}

/** A BootAgent with a guard. */
export function exampleDaemonPicture(changes: Partial<DaemonPicture> = {}): DaemonPicture {
  return { pid: 812, home: '/var/lib/bootagent', since: 1_700_000_000, guard: 810, options: [], ...changes }
}

/** A host with that agent. */
export function exampleHostPicture(changes: Partial<HostPicture> = {}): HostPicture {
  return {
    agentsn: 'host-1',
    running: true,
    version: '1.2.3',
    bootid: 'this boot',
    uptime: 60,
    eventsWaiting: 0,
    jobsOpen: 0,
    agents: [exampleAgentPicture()],
    ...changes,
  }
}
