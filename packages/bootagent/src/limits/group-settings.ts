import type { DiskLimit, ResourceLimits } from '@bootagent/protocol'
import type { LimitName } from './driver.ts'

/** What of the kernel does the limiting; `blkio` of v1 is `io` of v2. */
export type Controller = 'cpu' | 'memory' | 'pids' | 'blkio' | 'io'

/** One file of a group, and what a limit makes it hold. */
export interface Setting {
  readonly limit: LimitName
  readonly controller: Controller
  readonly file: string
  readonly value: string
}

/** What a group holds already, as far as it matters to how it is changed. */
export interface Held {
  /** Bytes of memory and swap together; undefined where swap is not counted. */
  readonly memoryAndSwap?: number | undefined
  /** Devices that it has limits for. */
  readonly devices: readonly string[]
}

/** What the CPU quota is a part of, in microseconds; the kernel's own default. */
const PERIOD = 100_000
/** The least quota that the kernel takes: 1 % of {@link PERIOD}. */
const LEAST_QUOTA = 1000

/** The files of a v1 group, in the order they must be written in. An absent limit is lifted. */
export function settingsV1(limits: ResourceLimits, held: Held): Setting[] {
  const { cpuPercent, pids } = limits
  const quota = cpuPercent === undefined ? '-1' : quotaOf(cpuPercent)
  return [
    ...memoryV1(limits.memoryBytes, held.memoryAndSwap),
    { limit: 'CPU', controller: 'cpu', file: 'cpu.cfs_quota_us', value: quota },
    { limit: 'pids', controller: 'pids', file: 'pids.max', value: String(pids ?? 'max') },
    ...diskV1(limits.disk ?? [], held.devices),
  ]
}

/** Memory with swap is never less than memory alone, at no moment: a higher limit begins with the one, a lower with the other. */
function memoryV1(bytes: number | undefined, memoryAndSwap: number | undefined): Setting[] {
  const value = String(bytes ?? -1)
  const alone: Setting = { limit: 'memory', controller: 'memory', file: 'memory.limit_in_bytes', value }
  if (memoryAndSwap === undefined) return [alone]
  const together: Setting = { limit: 'memory', controller: 'memory', file: 'memory.memsw.limit_in_bytes', value }
  return bytes === undefined || bytes > memoryAndSwap ? [together, alone] : [alone, together]
}

/** The files of `blkio`, which have a line for each device. */
export const DISK_FILES_V1 = {
  readBytes: 'blkio.throttle.read_bps_device',
  writeBytes: 'blkio.throttle.write_bps_device',
  readOperations: 'blkio.throttle.read_iops_device',
  writeOperations: 'blkio.throttle.write_iops_device',
} as const

function diskV1(disk: readonly DiskLimit[], held: readonly string[]): Setting[] {
  const files = Object.entries(DISK_FILES_V1) as [keyof typeof DISK_FILES_V1, string][]
  return devicesOf(disk, held).flatMap(({ device, ...figures }) =>
    files.flatMap(([figure, file]): Setting[] => {
      const value = figures[figure]
      // 0 lifts a limit; for a device that has none it would only be one more thing to refuse.
      if (value === undefined && !held.includes(device)) return []
      return [{ limit: 'disk', controller: 'blkio', file, value: `${device} ${value ?? 0}` }]
    }),
  )
}

/** The files of a v2 group. An absent limit is lifted. */
export function settingsV2(limits: ResourceLimits, held: Held): Setting[] {
  const { cpuPercent, memoryBytes, pids } = limits
  const quota = cpuPercent === undefined ? 'max' : quotaOf(cpuPercent)
  const swap = memoryBytes === undefined ? 'max' : '0'
  return [
    ...(held.memoryAndSwap === undefined ? [] : [memoryV2('memory.swap.max', swap)]),
    memoryV2('memory.max', String(memoryBytes ?? 'max')),
    { limit: 'CPU', controller: 'cpu', file: 'cpu.max', value: `${quota} ${PERIOD}` },
    { limit: 'pids', controller: 'pids', file: 'pids.max', value: String(pids ?? 'max') },
    ...diskV2(limits.disk ?? [], held.devices),
  ]
}

function memoryV2(file: string, value: string): Setting {
  return { limit: 'memory', controller: 'memory', file, value }
}

function diskV2(disk: readonly DiskLimit[], held: readonly string[]): Setting[] {
  return devicesOf(disk, held).map((each) => {
    const bytes = `rbps=${each.readBytes ?? 'max'} wbps=${each.writeBytes ?? 'max'}`
    const operations = `riops=${each.readOperations ?? 'max'} wiops=${each.writeOperations ?? 'max'}`
    return { limit: 'disk', controller: 'io', file: 'io.max', value: `${each.device} ${bytes} ${operations}` }
  })
}

/** The devices that are to have limits, and those that are to have none any more. */
function devicesOf(disk: readonly DiskLimit[], held: readonly string[]): DiskLimit[] {
  const gone = held.filter((device) => disk.every((each) => each.device !== device))
  return [...disk, ...gone.map((device) => ({ device }))]
}

function quotaOf(percent: number): string {
  return String(Math.max(LEAST_QUOTA, Math.round((percent / 100) * PERIOD)))
}
