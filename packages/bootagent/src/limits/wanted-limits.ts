import type { ResourceLimits } from '@bootagent/protocol'
import type { LimitName } from './driver.ts'

/** What groups can hold an agent to; `nofile` is a limit of each process, set by the shell that becomes the agent. */
export function wantedOfGroups(limits: ResourceLimits): LimitName[] {
  return wantedLimits(limits).filter((name) => name !== 'nofile')
}

/** The limits that an agent has, by name. */
function wantedLimits(limits: ResourceLimits): LimitName[] {
  const { cpuPercent, memoryBytes, pids, openFiles, disk = [] } = limits
  const all: [LimitName, boolean][] = [
    ['CPU', cpuPercent !== undefined],
    ['memory', memoryBytes !== undefined],
    ['pids', pids !== undefined],
    ['nofile', openFiles !== undefined],
    ['disk', disk.length > 0],
  ]
  return all.flatMap(([name, wanted]) => (wanted ? [name] : []))
}
