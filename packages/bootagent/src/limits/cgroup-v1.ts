import type { ResourceLimits } from '@bootagent/protocol'
import type { Group, Joining, LimitName, LimitsDriver, Unapplied } from './driver.ts'
import type { Hierarchies } from './find-hierarchies.ts'
import { type Controller, DISK_FILES_V1, type Held, settingsV1 } from './group-settings.ts'
import { attemptsIn, brakeV1, brakeV2, killGroup, pathOf, placeIn, processesIn, removeFrom } from './group-tree.ts'
import { makeGroup, readFigure, readKernel } from './kernel-file.ts'
import { reckonV1 } from './reckon.ts'
import { tryGroup, trySettings } from './try-group.ts'
import { wantedOfGroups } from './wanted-limits.ts'
import { writeSettings } from './write-settings.ts'

/** The hierarchies of v1, as they were found. */
export type V1Hierarchies = Extract<Hierarchies, { kind: 'v1' }>

/**
 * cgroup v1, controller by controller, and with the v2 tree beside it where there is one: then the limits are v1's, and an agent's
 * processes are known and killed by v2. Everything is tried first; `refused` says why none of it can be used.
 */
export function openCgroupV1(hierarchies: V1Hierarchies, key: string): LimitsDriver | { readonly refused: string } {
  const found = tryAll(hierarchies, key)
  const [tracking] = found.tracking
  if (tracking === undefined || found.limiting.size === 0) return { refused: found.notes.join('; ') }
  const driver = createCgroupV1(found, tracking)
  const kind = found.unified === undefined ? 'cgroup-v1' : 'hybrid'
  const beside = kind === 'hybrid' ? ", with the v2 tree beside it for an agent's processes" : ''
  const why = [`cgroup v1 at ${hierarchies.root}${beside}`, ...found.notes].join('; ')
  return { kind, why, enforced: new Set([...found.limiting.keys()].map((each) => LIMITS[each]).concat('nofile')), ...driver }
}

type ControllerV1 = Exclude<Controller, 'io'>

const LIMITS: Readonly<Record<ControllerV1, LimitName>> = { cpu: 'CPU', memory: 'memory', pids: 'pids', blkio: 'disk' }

/** What can be used, each as the directory that holds our groups. */
interface Usable {
  readonly limiting: ReadonlyMap<ControllerV1, string>
  readonly cpuacct?: string
  readonly freezer?: string
  readonly unified?: string
  /** What can name a group's processes, the best first. */
  readonly tracking: readonly string[]
  /** What cannot be used, and why. */
  readonly notes: readonly string[]
}

function tryAll({ controllers, unified }: V1Hierarchies, key: string): Usable {
  const notes: string[] = []
  const attempt = (name: string, hierarchy: string | undefined, look: (path: string) => string | undefined) => {
    const refused = hierarchy === undefined ? 'this host does not have it' : tryGroup({ hierarchy, key, look })
    if (refused !== undefined) notes.push(`no ${name}: ${refused}`)
    return hierarchy === undefined || refused !== undefined ? undefined : placeIn(hierarchy, key)
  }
  const trial = settingsV1({ cpuPercent: 1, memoryBytes: 1024 ** 3, pids: 1000 }, { devices: [] })
  const limiting = (Object.keys(LIMITS) as ControllerV1[]).flatMap((name) => {
    const settings = trial.filter(({ controller }) => controller === name)
    const look = (path: string) => (name === 'blkio' ? tryDisk(path) : trySettings(path, settings))
    const place = attempt(LIMITS[name], controllers.get(name), look)
    return place === undefined ? [] : [[name, place] as const]
  })
  let freezes = false
  const lookBeside = (path: string): undefined => {
    freezes = readKernel(`${path}/cgroup.freeze`) !== undefined
  }
  const beside = unified === undefined ? undefined : attempt('v2 tree', unified, lookBeside)
  const cpuacct = attempt('count of processor time', controllers.get('cpuacct'), () => undefined)
  // The v2 tree of a kernel before 5.2 can neither kill nor freeze.
  const freezer = freezes ? undefined : attempt('freezer', controllers.get('freezer'), () => undefined)
  return {
    limiting: new Map(limiting),
    ...(cpuacct === undefined ? {} : { cpuacct }),
    ...(freezer === undefined ? {} : { freezer }),
    ...(beside === undefined ? {} : { unified: beside }),
    tracking: [beside, freezer, ...limiting.map(([, place]) => place)].filter((place) => place !== undefined),
    notes,
  }
}

/** Without naming a device there is nothing to write. */
function tryDisk(path: string): string | undefined {
  return readKernel(`${path}/${DISK_FILES_V1.readBytes}`) === undefined ? 'its kernel throttles no disk' : undefined
}

function createCgroupV1(found: Usable, tracking: string): Omit<LimitsDriver, 'kind' | 'why' | 'enforced'> {
  const { limiting, cpuacct, freezer, unified } = found
  const places = [...new Set([...found.tracking, ...(cpuacct === undefined ? [] : [cpuacct])])]
  const within = (place: string | undefined, group: Group) => (place === undefined ? undefined : pathOf(place, group))

  function apply(group: Group, limits: ResourceLimits): Unapplied[] {
    const directory = (controller: Controller) => within(limiting.get(controller as ControllerV1), group)
    const held = heldBy({ memory: directory('memory'), blkio: directory('blkio') })
    const target = { wanted: wantedOfGroups(limits), directory, missing: MISSING }
    return writeSettings(settingsV1(limits, held), target)
  }

  function prepare(group: Group, limits: ResourceLimits): Joining {
    const made = places.map((place) => pathOf(place, group)).filter((path) => makeGroup(path) === undefined)
    return { files: made.map((path) => `${path}/cgroup.procs`), wrap: [], unapplied: apply(group, limits) }
  }

  return {
    tracks: true,
    prepare,
    apply,
    processes: (group) => processesIn(pathOf(tracking, group)),
    attemptsOf: (agent) => [...new Set(places.flatMap((place) => attemptsIn(place, agent)))].sort(),
    kill(group, spare) {
      const path = pathOf(tracking, group)
      killGroup(path, freezer === undefined ? brakeV2(path) : brakeV1(pathOf(freezer, group)), spare)
    },
    reckon(group, only) {
      const [memory, cpu, pids] = (['memory', 'cpu', 'pids'] as const).map((name) => within(limiting.get(name), group))
      const isThere = places.some((place) => readKernel(`${pathOf(place, group)}/cgroup.procs`) !== undefined)
      return isThere ? reckonV1({ memory, cpu, pids, cpuacct: within(cpuacct, group) }, within(unified, group), only) : undefined
    },
    // In every hierarchy, also after one has refused.
    remove: (group) => places.map((place) => removeFrom(place, group)).every(Boolean),
    eventsFile: (group) => (unified === undefined ? undefined : `${pathOf(unified, group)}/cgroup.events`),
  }
}

const MISSING = 'this host has no such controller, or does not let us use it'

function heldBy({ memory, blkio }: { memory: string | undefined; blkio: string | undefined }): Held {
  const lines = Object.values(DISK_FILES_V1).flatMap((file) => readKernel(`${blkio}/${file}`)?.split('\n') ?? [])
  const devices = lines.map((line) => line.split(' ')[0] ?? '').filter((device) => device !== '')
  return { memoryAndSwap: readFigure(`${memory}/memory.memsw.limit_in_bytes`), devices: [...new Set(devices)] }
}
