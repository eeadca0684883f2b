import * as v from 'valibot'
import { BootagentNeeded } from './bootagent-needed.ts'
import { AgentName, Version } from './ids.ts'
import { Run } from './run.ts'

/** The kinds of archive, by the end of the file's name. */
export const FORMATS = {
  tar: ['.tar'],
  'tar.gz': ['.tar.gz', '.tgz'],
  'tar.xz': ['.tar.xz'],
  'tar.zst': ['.tar.zst'],
  zip: ['.zip'],
  deb: ['.deb'],
  rpm: ['.rpm'],
} as const
export type Format = keyof typeof FORMATS

/** All of them, as a sentence names them. */
export const FORMAT_ENDS = Object.values(FORMATS).flat().join(', ')

/** The kind of archive a file name or URL path promises; undefined for one that is not unpacked. */
export function formatOf(path: string): Format | undefined {
  const lower = path.toLowerCase()
  return (Object.keys(FORMATS) as Format[]).find((format) => FORMATS[format].some((end) => lower.endsWith(end)))
}

/** One published package, as the server keeps it and operators see it. Unique by name, version, os and arch. */
export const PackageRecord = v.object({
  name: AgentName,
  version: Version,
  /** In Node's words: `linux`. */
  os: v.string(),
  /** `x64`, `arm64`, or `any`. */
  arch: v.string(),
  format: v.picklist(Object.keys(FORMATS) as Format[]),
  /** The file name hosts download it by. */
  file: v.string(),
  size: v.number(),
  sha256: v.string(),
  run: v.optional(Run),
  /** Which BootAgent it needs. */
  bootagent: v.optional(BootagentNeeded),
  /** Unix seconds. */
  published: v.number(),
})
export type PackageRecord = v.InferOutput<typeof PackageRecord>
