import process from 'node:process'
import type { ResourceLimits } from '@bootagent/protocol'
import type { Group, Joining, LimitName, LimitsDriver, Unapplied } from './driver.ts'
import { type Controller, type Held, settingsV2 } from './group-settings.ts'
import { attemptsIn, brakeV2, killGroup, pathOf, placeIn, processesIn, removeFrom } from './group-tree.ts'
import { makeGroup, readKernel, writeKernel } from './kernel-file.ts'
import { reckonV2 } from './reckon.ts'
import { tryGroup, trySettings } from './try-group.ts'
import { wantedOfGroups } from './wanted-limits.ts'
import { writeSettings } from './write-settings.ts'

/**
 * cgroup v2, straight in its file system. Where no controller can be had, it still knows and kills an agent's processes. Everything is
 * tried first; `refused` says why it cannot be used.
 */
export function openCgroupV2(root: string, key: string): LimitsDriver | { readonly refused: string } {
  const found = tryControllers(root, key)
  if ('refused' in found) return found
  const why = [`cgroup v2 at ${root}`, ...found.notes].join('; ')
  const enforced = new Set([...found.controllers.map((each) => LIMITS[each]), 'nofile' as const])
  return { kind: 'cgroup-v2', why, enforced, ...createCgroupV2({ root, key, controllers: found.controllers }) }
}

type ControllerV2 = Exclude<Controller, 'blkio'>

const LIMITS: Readonly<Record<ControllerV2, LimitName>> = { cpu: 'CPU', memory: 'memory', pids: 'pids', io: 'disk' }

function tryControllers(root: string, key: string): { controllers: ControllerV2[]; notes: string[] } | { refused: string } {
  const notes: string[] = []
  const controllers: ControllerV2[] = []
  const settings = settingsV2({ cpuPercent: 1, memoryBytes: 1024 ** 3, pids: 1000 }, { devices: [] })
  const look = (path: string): undefined => {
    for (const name of Object.keys(LIMITS) as ControllerV2[]) {
      const own = settings.filter(({ controller }) => controller === name)
      const refused = enableAtRoot(root, key, name) ?? enableIn(placesAbove(root, key), name) ?? trySettings(path, own)
      if (refused === undefined) controllers.push(name)
      else notes.push(`no ${LIMITS[name]}: ${refused}`)
    }
  }
  const refused = tryGroup({ hierarchy: root, key, look })
  return refused === undefined ? { controllers, notes } : { refused }
}

/**
 * A group with processes hands no controller on, but for the root of the whole host (cgroups(7), the rule of no internal processes). In a
 * container the root we see is a group like others, and we may be what is in it: then we go into a group of our own.
 */
function enableAtRoot(root: string, key: string, controller: ControllerV2): string | undefined {
  if (!readWords(`${root}/cgroup.controllers`).includes(controller)) return 'the host does not offer it to this tree'
  const refused = enable(root, controller)
  if (refused?.code !== 'EBUSY') return refused?.why
  const self = `${placeIn(root, key)}/self`
  return makeGroup(self)?.why ?? writeKernel(`${self}/cgroup.procs`, String(process.pid))?.why ?? enable(root, controller)?.why
}

/** The groups between the root and an agent's. */
function placesAbove(root: string, key: string): string[] {
  return [`${root}/bootagent`, placeIn(root, key)]
}

function enableIn(groups: readonly string[], controller: ControllerV2): string | undefined {
  return groups.map((group) => enable(group, controller)?.why).find((why) => why !== undefined)
}

function enable(group: string, controller: ControllerV2): ReturnType<typeof writeKernel> {
  const file = `${group}/cgroup.subtree_control`
  return readWords(file).includes(controller) ? undefined : writeKernel(file, `+${controller}`)
}

function readWords(path: string): string[] {
  return readKernel(path)?.split(' ') ?? []
}

interface V2 {
  readonly root: string
  readonly key: string
  readonly controllers: readonly ControllerV2[]
}

function createCgroupV2({ root, key, controllers }: V2): Omit<LimitsDriver, 'kind' | 'why' | 'enforced'> {
  const place = placeIn(root, key)

  function apply(group: Group, limits: ResourceLimits): Unapplied[] {
    const path = pathOf(place, group)
    const directory = (controller: Controller) => (controllers.includes(controller as ControllerV2) ? path : undefined)
    return writeSettings(settingsV2(limits, heldBy(path)), { wanted: wantedOfGroups(limits), directory, missing: MISSING })
  }

  function prepare(group: Group, limits: ResourceLimits): Joining {
    const path = pathOf(place, group)
    const refused = makeGroup(path)
    // Those above may have been removed with the last group in them. What is refused here shows where a limit is written.
    const above = [...placesAbove(root, key), path.slice(0, path.lastIndexOf('/'))]
    for (const controller of controllers) enableIn(above, controller)
    // An agent without some of its processes is worse than none; kernels before 4.19 cannot, and kill one.
    writeKernel(`${path}/memory.oom.group`, '1')
    return { files: refused === undefined ? [`${path}/cgroup.procs`] : [], wrap: [], unapplied: apply(group, limits) }
  }

  return {
    tracks: true,
    prepare,
    apply,
    processes: (group) => processesIn(pathOf(place, group)),
    attemptsOf: (agent) => attemptsIn(place, agent).sort(),
    kill: (group, spare) => killGroup(pathOf(place, group), brakeV2(pathOf(place, group)), spare),
    reckon(group, only) {
      const path = pathOf(place, group)
      return readKernel(`${path}/cgroup.procs`) === undefined ? undefined : reckonV2(path, only)
    },
    remove: (group) => removeFrom(place, group),
    eventsFile: (group) => `${pathOf(place, group)}/cgroup.events`,
  }
}

const MISSING = 'this host has no such controller, or does not let us use it'

function heldBy(path: string): Held {
  const swap = readKernel(`${path}/memory.swap.max`)
  const lines = readKernel(`${path}/io.max`)?.split('\n') ?? []
  const devices = lines.map((line) => line.split(' ')[0] ?? '').filter((device) => device !== '')
  return { memoryAndSwap: swap === undefined ? undefined : 0, devices }
}
