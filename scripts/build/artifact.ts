import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

/** A file that was made. */
export interface Artifact {
  readonly path: string
  readonly bytes: number
  /** 64 hex digits. */
  readonly sha256: string
}

/** What lies at a path, measured. */
export async function artifactAt(path: string): Promise<Artifact> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return { path, bytes: (await stat(path)).size, sha256: hash.digest('hex') }
}

/** As sha256sum prints it, with the size in MB. */
export function lineOf({ path, bytes, sha256 }: Artifact): string {
  return `${sha256}  ${path}  ${(bytes / 1e6).toFixed(1)} MB`
}
