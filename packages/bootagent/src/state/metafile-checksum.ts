import { createHash } from 'node:crypto'

/**
 * The text of a metafile as it is written: its fields, and last a checksum of them. Blanks and line ends are not in it, so that a
 * file that was laid out anew by some program is still the same; whatever fields there are is in it, known to this version or not (ADR 0058).
 */
export function textWithChecksum(fields: object): string {
  return `${JSON.stringify({ ...fields, checksum: checksumOf(fields) }, undefined, 1)}\n`
}

/** Whether it says another checksum than that of its own fields. One that says none is an older BootAgent's, or was changed by hand. */
export function contradictsChecksum(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('checksum' in value)) return false
  const { checksum, ...fields } = value
  return checksum !== checksumOf(fields)
}

/** Of the fields in their order: JSON that is read and written again keeps it. */
function checksumOf(fields: object): string {
  return `SHA256:${createHash('sha256').update(JSON.stringify(fields)).digest('hex')}`
}
