import * as v from 'valibot'
import { excerpt } from './excerpt.ts'

/** What an agent may use at most; an absent field is unlimited. */
export interface ResourceLimits {
  /** Percent of one core, a hard quota; 250 is two and a half cores. */
  readonly cpuPercent?: number
  readonly memoryBytes?: number
  readonly pids?: number
  readonly openFiles?: number
}

/** The limits as a job writes them: seed 001's `CPU` and `memory`, and two of ours. */
export const WrittenLimits = v.object({
  CPU: v.optional(v.string()),
  memory: v.optional(v.string()),
  pids: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4_194_304))),
  nofile: v.optional(v.pipe(v.number(), v.integer(), v.minValue(16), v.maxValue(1_048_576))),
})
export type WrittenLimits = v.InferOutput<typeof WrittenLimits>

const UNITS = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 } as const

/** Reads `{"CPU": "10%", "memory": "20M"}`: percent of one core, and K, M, G of 1024; the refusal names the field. */
export function parseLimits(written: WrittenLimits): { limits: ResourceLimits } | { refused: string } {
  const cpu = written.CPU === undefined ? undefined : /^(\d{1,5}(?:\.\d{1,2})?)%$/.exec(written.CPU)
  if (cpu === null || (cpu !== undefined && Number(cpu[1]) < 1)) {
    return { refused: `limits.CPU "${excerpt(written.CPU ?? '')}" is not a share of a core from 1% up, such as "10%"` }
  }
  const memory = written.memory === undefined ? undefined : /^(\d{1,15})([KMG]?)B?$/i.exec(written.memory)
  if (memory === null || (memory !== undefined && bytesOf(memory) < 1024 ** 2)) {
    return {
      refused: `limits.memory "${excerpt(written.memory ?? '')}" is not a size from 1M up, such as "20M" (K, M, G of 1024)`,
    }
  }
  return {
    limits: {
      ...(cpu === undefined ? {} : { cpuPercent: Number(cpu[1]) }),
      ...(memory === undefined ? {} : { memoryBytes: bytesOf(memory) }),
      ...(written.pids === undefined ? {} : { pids: written.pids }),
      ...(written.nofile === undefined ? {} : { openFiles: written.nofile }),
    },
  }
}

function bytesOf([, digits, unit]: RegExpExecArray): number {
  return Number(digits) * UNITS[(unit ?? '').toUpperCase() as keyof typeof UNITS]
}
