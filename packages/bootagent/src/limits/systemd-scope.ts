import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import process from 'node:process'
import type { ResourceLimits } from '@bootagent/protocol'
import type { Group, Joining, LimitName, LimitsDriver, Reckoning, Unapplied } from './driver.ts'
import type { Hierarchies } from './find-hierarchies.ts'
import { brakeV1, brakeV2, killGroup, processesIn } from './group-tree.ts'
import { groupsIn, readKernel } from './kernel-file.ts'
import { reckonV1, reckonV2 } from './reckon.ts'
import { attemptOfScope, changeCommand, SLICE, scopeCommand, scopeOf } from './systemd-command.ts'
import { wantedOfGroups } from './wanted-limits.ts'

/** systemd may take its time on a busy host; longer, and it hangs. In ms. */
const PATIENCE = 20_000

/**
 * A scope of systemd for each attempt, beside our own service and not in it: so the service can be restarted by systemd while agents run.
 * The shim is in the scope as well. `refused` says why scopes cannot be had.
 */
export function openSystemdScope(hierarchies: Hierarchies, key: string): LimitsDriver | { readonly refused: string } {
  const asked = findSystemd(hierarchies)
  if ('refused' in asked) return asked
  const scope = `bootagent-${key}-trial-${process.pid}.scope`
  // Limits that hold nobody back: on a slow host even this shell would take long with a hundredth of a core.
  const trial = scopeCommand(asked.systemdRun, scope, { cpuPercent: 1000, memoryBytes: 1024 ** 3, pids: 1000 })
  const refused = run([...trial, '/bin/sh', '-c', ':'])
  if (refused !== undefined) return { refused }
  const { enforced, missing } = offeredBy(asked.hierarchies)
  const notes = missing.length === 0 ? '' : `; not offered here: ${missing.join(', ')}`
  const parts = { ...asked, key, enforced }
  return { kind: 'systemd', why: `a scope of systemd for each attempt, in ${SLICE}${notes}`, enforced, ...createScopes(parts) }
}

/** Whom scopes are asked of, found by looking and without asking. */
export interface Systemd {
  readonly hierarchies: Exclude<Hierarchies, { kind: 'nothing' }>
  readonly systemdRun: string
  readonly systemctl: string
}

/** Looks whether scopes could be had at all; `refused` says why they cannot. Nothing is tried. */
export function findSystemd(hierarchies: Hierarchies): Systemd | { readonly refused: string } {
  if (!existsSync('/run/systemd/system')) return { refused: 'systemd does not run here' }
  if (process.geteuid?.() !== 0) return { refused: 'only root is given scopes of the system' }
  const [systemdRun, systemctl] = [findHostProgram('systemd-run'), findHostProgram('systemctl')]
  if (systemdRun === undefined || systemctl === undefined) return { refused: 'systemd-run is not installed' }
  return hierarchies.kind === 'nothing' ? { refused: hierarchies.why } : { hierarchies, systemdRun, systemctl }
}

const NAMES: readonly { readonly limit: LimitName; readonly controllers: readonly string[] }[] = [
  { limit: 'CPU', controllers: ['cpu'] },
  { limit: 'memory', controllers: ['memory'] },
  { limit: 'pids', controllers: ['pids'] },
  { limit: 'disk', controllers: ['io', 'blkio'] },
]

/** The limits whose controllers a host has, and those whose it has not. */
export function offeredBy(hierarchies: Systemd['hierarchies']): { enforced: Set<LimitName>; missing: LimitName[] } {
  const there =
    hierarchies.kind === 'v2'
      ? (readKernel(`${hierarchies.root}/cgroup.controllers`)?.split(' ') ?? [])
      : [...hierarchies.controllers.keys()]
  const missing = NAMES.filter(({ controllers }) => !controllers.some((each) => there.includes(each))).map(({ limit }) => limit)
  const enforced = NAMES.map(({ limit }) => limit).filter((limit) => !missing.includes(limit))
  return { enforced: new Set([...enforced, 'nofile' as const]), missing }
}

interface Scopes extends Systemd {
  readonly key: string
  readonly enforced: ReadonlySet<LimitName>
}

function createScopes({
  hierarchies,
  key,
  systemdRun,
  systemctl,
  enforced,
}: Scopes): Omit<LimitsDriver, 'kind' | 'why' | 'enforced'> {
  const inV1 = (name: string, scope: string) => {
    const hierarchy = hierarchies.kind === 'v1' ? hierarchies.controllers.get(name) : undefined
    return hierarchy === undefined ? undefined : `${hierarchy}/${SLICE}/${scope}`
  }
  // systemd keeps every unit in its own hierarchy: the v2 tree, or on v1 the one without a controller.
  const unified = hierarchies.kind === 'v2' ? hierarchies.root : hierarchies.unified
  const tracking = unified ?? (hierarchies.kind === 'v1' ? hierarchies.controllers.get('systemd') : undefined)
  const pathOf = (group: Group) => `${tracking}/${SLICE}/${scopeOf(key, group)}`
  const isThere = (group: Group) => readKernel(`${pathOf(group)}/cgroup.procs`) !== undefined

  function prepare(group: Group, limits: ResourceLimits): Joining {
    const { taken, unapplied } = sift(limits, enforced)
    return { files: [], wrap: scopeCommand(systemdRun, scopeOf(key, group), taken), unapplied }
  }

  function apply(group: Group, limits: ResourceLimits): Unapplied[] {
    const { taken, unapplied } = sift(limits, enforced)
    const refused = run(changeCommand(systemctl, scopeOf(key, group), taken))
    if (refused === undefined) return unapplied
    const others = wantedOfGroups(taken).map((limit) => ({ limit, why: refused }))
    return [...unapplied, ...others]
  }

  function reckon(group: Group, only?: readonly (keyof Reckoning)[]): Reckoning | undefined {
    if (!isThere(group)) return undefined
    if (hierarchies.kind === 'v2') return reckonV2(pathOf(group), only)
    const at = (name: string) => inV1(name, scopeOf(key, group))
    const groups = { memory: at('memory'), cpu: at('cpu'), cpuacct: at('cpuacct'), pids: at('pids') }
    return reckonV1(groups, unified === undefined ? undefined : pathOf(group), only)
  }

  return {
    tracks: tracking !== undefined,
    prepare,
    apply,
    reckon,
    processes: (group) => processesIn(pathOf(group)),
    attemptsOf: (agent) =>
      groupsIn(`${tracking}/${SLICE}`)
        .flatMap((scope) => attemptOfScope(scope, key, agent) ?? [])
        .sort(),
    kill(group, spare) {
      const path = pathOf(group)
      // systemd makes no group in the freezer of v1: there it is killed in rounds.
      killGroup(path, unified === undefined ? brakeV1(path) : brakeV2(path), spare)
    },
    // systemd removes an empty scope by itself, soon.
    remove: (group) => !isThere(group),
    eventsFile: (group) => (unified === undefined ? undefined : `${pathOf(group)}/cgroup.events`),
  }
}

/** Takes out what this host cannot be asked for: a disk that is not there would cost the whole scope. */
function sift(limits: ResourceLimits, enforced: ReadonlySet<LimitName>): { taken: ResourceLimits; unapplied: Unapplied[] } {
  const { disk = [], ...others } = limits
  const there = disk.filter(({ device }) => isWholeDisk(device))
  const gone = disk.filter((each) => !there.includes(each))
  const missing = wantedOfGroups(limits).filter((limit) => !enforced.has(limit))
  return {
    taken: { ...others, ...(there.length === 0 ? {} : { disk: there }) },
    unapplied: [
      ...missing.map((limit) => ({ limit, why: 'this host has no such controller' })),
      ...gone.map(({ device }) => ({ limit: 'disk' as const, why: `${device} is no whole disk of this host` })),
    ],
  }
}

function isWholeDisk(device: string): boolean {
  return existsSync(`/sys/dev/block/${device}`) && !existsSync(`/sys/dev/block/${device}/partition`)
}

/** Runs a program of systemd's; undefined when it did what it was asked, else what it said. */
function run([program = '', ...args]: readonly string[]): string | undefined {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: PATIENCE, env })
  if (status === 0) return undefined
  const name = program.slice(program.lastIndexOf('/') + 1)
  return `${name} failed: ${error?.message ?? (stderr.trim().split('\n').at(-1) || `status ${status}`)}`
}

/** Where the host has one of its own programs, whatever PATH says. */
export function findHostProgram(program: string): string | undefined {
  return ['/usr/bin', '/bin'].map((directory) => `${directory}/${program}`).find((path) => existsSync(path))
}
