import * as v from 'valibot'
import { excerpt } from './excerpt.ts'

/** What an agent may use at most; an absent field is unlimited. */
export interface ResourceLimits {
  /** Percent of one core, a hard quota; 250 is two and a half cores. */
  readonly cpuPercent?: number
  readonly memoryBytes?: number
  readonly pids?: number
  readonly openFiles?: number
  /** At most one entry a device; an absent figure is unlimited. */
  readonly disk?: readonly DiskLimit[]
}

/** What may pass to and from one block device in a second (seed 000, limit.disk_limit). */
export interface DiskLimit {
  /** `MAJ:MIN`, as lsblk prints it. */
  readonly device: string
  readonly readBytes?: number
  readonly writeBytes?: number
  readonly readOperations?: number
  readonly writeOperations?: number
}

/** Operations in a second; the kernel counts them in 32 bits, and 0 would lift the limit. */
const Operations = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4_294_967_295))

/** One entry of `disk`, as the seed spells it (seed 000, limit.disk_limit). */
const WrittenDisk = v.object({
  dev: v.string(),
  read_bytes: v.optional(v.string()),
  write_bytes: v.optional(v.string()),
  read_iops: v.optional(Operations),
  write_iops: v.optional(Operations),
})
type WrittenDisk = v.InferOutput<typeof WrittenDisk>

/** The limits as a job writes them: seed 001's `CPU` and `memory`, seed 000's disk limits, and two of ours. */
export const WrittenLimits = v.object({
  CPU: v.optional(v.string()),
  memory: v.optional(v.string()),
  pids: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4_194_304))),
  nofile: v.optional(v.pipe(v.number(), v.integer(), v.minValue(16), v.maxValue(1_048_576))),
  disk: v.optional(v.pipe(v.array(WrittenDisk), v.maxLength(16, 'at most 16 devices'))),
})
export type WrittenLimits = v.InferOutput<typeof WrittenLimits>

/**
 * Reads `{"CPU": "10%", "memory": "20M"}`: percent of one core, and K, M, G of 1024; the refusal names the field. A limit beyond
 * the machine is taken: the same job may be for hosts of any size.
 */
export function parseLimits(written: WrittenLimits): { limits: ResourceLimits } | { refused: string } {
  const cpu = written.CPU === undefined ? undefined : /^(\d{1,5}(?:\.\d{1,2})?)%$/.exec(written.CPU)
  if (cpu === null || (cpu !== undefined && Number(cpu[1]) < 1)) {
    return { refused: `limits.CPU "${excerpt(written.CPU ?? '')}" is not a share of a core from 1% up, such as "10%"` }
  }
  const memory = parseBytes(written.memory, 'M')
  if (memory === 'refused') return refuseBytes('limits.memory', written.memory, 'M')
  const disk = parseDisk(written.disk ?? [])
  if ('refused' in disk) return disk
  return {
    limits: {
      ...(cpu === undefined ? {} : { cpuPercent: Number(cpu[1]) }),
      ...(memory === undefined ? {} : { memoryBytes: memory }),
      ...(written.pids === undefined ? {} : { pids: written.pids }),
      ...(written.nofile === undefined ? {} : { openFiles: written.nofile }),
      ...(disk.limits.length === 0 ? {} : { disk: disk.limits }),
    },
  }
}

function parseDisk(written: readonly WrittenDisk[]): { limits: DiskLimit[] } | { refused: string } {
  const limits: DiskLimit[] = []
  for (const [at, entry] of written.entries()) {
    const field = `limits.disk[${at}]`
    const reading = parseDevice(entry, field)
    if ('refused' in reading) return reading
    const { device } = reading.limit
    if (limits.some((other) => other.device === device)) return { refused: `${field}.dev "${device}" is there twice` }
    limits.push(reading.limit)
  }
  return { limits }
}

/** A leading zero would be a second spelling of a device. */
const DEVICE = /^(?:0|[1-9]\d{0,3}):(?:0|[1-9]\d{0,6})$/

function parseDevice(entry: WrittenDisk, field: string): { limit: DiskLimit } | { refused: string } {
  if (!DEVICE.test(entry.dev)) {
    return { refused: `${field}.dev "${excerpt(entry.dev)}" is not the number of a device as lsblk prints it, such as "8:0"` }
  }
  const read = parseBytes(entry.read_bytes, 'K')
  if (read === 'refused') return refuseBytes(`${field}.read_bytes`, entry.read_bytes, 'K')
  const write = parseBytes(entry.write_bytes, 'K')
  if (write === 'refused') return refuseBytes(`${field}.write_bytes`, entry.write_bytes, 'K')
  return {
    limit: {
      device: entry.dev,
      ...(read === undefined ? {} : { readBytes: read }),
      ...(write === undefined ? {} : { writeBytes: write }),
      ...(entry.read_iops === undefined ? {} : { readOperations: entry.read_iops }),
      ...(entry.write_iops === undefined ? {} : { writeOperations: entry.write_iops }),
    },
  }
}

const UNITS = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 } as const

/** A pebibyte. The kernel takes larger numbers than it can hold, and makes small ones of them. */
const MOST_BYTES = 1024 ** 5

function parseBytes(text: string | undefined, least: 'K' | 'M'): number | undefined | 'refused' {
  if (text === undefined) return undefined
  const [, digits, unit = ''] = /^(\d{1,15})([KMG]?)B?$/i.exec(text) ?? []
  const bytes = Number(digits) * UNITS[unit.toUpperCase() as keyof typeof UNITS]
  return bytes >= UNITS[least] && bytes <= MOST_BYTES ? bytes : 'refused'
}

function refuseBytes(field: string, text: string | undefined, least: 'K' | 'M'): { refused: string } {
  return {
    refused: `${field} "${excerpt(text ?? '')}" is not a size from 1${least} to 1048576G, such as "20M" (K, M, G of 1024)`,
  }
}
