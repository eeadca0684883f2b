import { type Digest, parseChecksum } from '@bootagent/protocol'
import type { Metafile } from '../state/metafile-schema.ts'

/** The packages that open jobs wait for: one that is on its way is gone on with, and one that is here is not fetched again. */
export function awaitedDigests(metafile: Metafile): ReadonlySet<Digest> {
  return new Set(
    Object.values(metafile.jobs).flatMap(({ job, state }) => {
      const checksum = (job as { checksum?: unknown } | null)?.checksum
      const read = state !== 'done' && typeof checksum === 'string' ? parseChecksum(checksum) : undefined
      return read !== undefined && 'digest' in read ? [read.digest] : []
    }),
  )
}

/** Those, and the packages of every release that is kept. */
export function neededDigests(metafile: Metafile): ReadonlySet<Digest> {
  const releases = Object.values(metafile.agents).flatMap((agent) => Object.values(agent.releases))
  return new Set([...awaitedDigests(metafile), ...releases.map(({ digest }) => digest)])
}
