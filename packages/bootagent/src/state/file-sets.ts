import { createHash } from 'node:crypto'
import { canonical } from './releases.ts'

/** The configuration files of a release, as its record holds them: the sha256 of each by its path. */
export type FileSet = Readonly<Record<string, string>>

/** What a job's files are on record as; what is in them lies on the disk, under their set's id. */
export function hashFiles(files: Readonly<Record<string, string>>): FileSet {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [path, sha256(content)]))
}

/** Names a set by what is in it, so that two releases with the same files share them. Sixteen hexadecimal digits. */
export function fileSetId(files: FileSet): string {
  return sha256(canonical(files)).slice(0, 16)
}

/** The fingerprint of settings as a job gave them: the same, whatever the order they were written in. */
export function fingerprint(settings: unknown): string {
  return sha256(canonical(settings)).slice(0, 16)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
