import type { DiskLimit, ResourceLimits } from '@bootagent/protocol'
import type { Group } from './driver.ts'

/** The slice that all BootAgents of a host have their agents in: `systemd-cgls` shows them there. */
export const SLICE = 'bootagent.slice'

/** The unit that BootAgent is installed as. */
export const UNIT = 'bootagent.service'

/** The scope of one attempt. */
export function scopeOf(key: string, { agent, attempt }: Group): string {
  return `bootagent-${key}-${agent}-${attempt}.scope`
}

/** The attempt that a scope is of; undefined for a scope of another agent, of which the name may begin the same. */
export function attemptOfScope(scope: string, key: string, agent: string): string | undefined {
  const begin = `bootagent-${key}-${agent}-`
  const attempt = scope.startsWith(begin) ? scope.slice(begin.length) : ''
  return /^(\d{6,}-[0-9a-f]{8})\.scope$/.exec(attempt)?.[1]
}

/**
 * What a shim is started behind. systemd-run makes itself a scope and becomes the command, so that parent, session and output stay
 * what they are. The scope is delegated: then one process killed for its memory does not make systemd stop all the others in it
 * (OOMPolicy, systemd issue 26922).
 */
export function scopeCommand(systemdRun: string, scope: string, limits: ResourceLimits): string[] {
  return [
    systemdRun,
    '--scope',
    '--quiet',
    // Nothing stays behind of a scope that failed.
    '--collect',
    `--slice=${SLICE}`,
    `--unit=${scope}`,
    // In place of the whole command line, which systemd would show to everybody and write to the journal.
    '--description=An agent of BootAgent',
    '--property=Delegate=yes',
    // Units are stopped in the reverse of their order: when the host is shut down BootAgent goes first, and what systemd then does to the
    // agents is not taken for a failure of theirs.
    `--property=Before=${UNIT}`,
    ...limitProperties(limits).map((property) => `--property=${property}`),
    '--',
  ]
}

/** Changes a scope that is there; an absent limit is lifted. Until the next boot, as the scope itself. */
export function changeCommand(systemctl: string, scope: string, limits: ResourceLimits): string[] {
  const lifted = [
    'MemoryMax=infinity',
    'MemorySwapMax=infinity',
    'CPUQuota=',
    'TasksMax=infinity',
    ...DISK_PROPERTIES.map(([property]) => `${property}=`),
  ]
  const kept = limitProperties(limits)
  const given = new Set(kept.map(nameOf))
  // A list is emptied before it is given anew.
  const before = lifted.filter((property) => property.endsWith('=') || !given.has(nameOf(property)))
  return [systemctl, 'set-property', '--runtime', scope, ...before, ...kept]
}

/** The limits as systemd.resource-control(5) spells them. */
function limitProperties({ cpuPercent, memoryBytes, pids, disk = [] }: ResourceLimits): string[] {
  return [
    ...(memoryBytes === undefined ? [] : [`MemoryMax=${memoryBytes}`, 'MemorySwapMax=0']),
    // Versions before 240 take whole percents only, and refuse the whole scope for others.
    ...(cpuPercent === undefined ? [] : [`CPUQuota=${Math.ceil(cpuPercent)}%`]),
    // The shim is in the scope as well.
    ...(pids === undefined ? [] : [`TasksMax=${pids + 1}`]),
    ...disk.flatMap(diskProperties),
  ]
}

const DISK_PROPERTIES: readonly (readonly [string, Exclude<keyof DiskLimit, 'device'>])[] = [
  ['IOReadBandwidthMax', 'readBytes'],
  ['IOWriteBandwidthMax', 'writeBytes'],
  ['IOReadIOPSMax', 'readOperations'],
  ['IOWriteIOPSMax', 'writeOperations'],
]

function diskProperties({ device, ...figures }: DiskLimit): string[] {
  return DISK_PROPERTIES.flatMap(([property, figure]) =>
    figures[figure] === undefined ? [] : [`${property}=/dev/block/${device} ${figures[figure]}`],
  )
}

function nameOf(property: string): string {
  return property.slice(0, property.indexOf('='))
}
