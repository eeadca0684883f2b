import { excerpt } from './excerpt.ts'

/** The digest a package is known by: 64 lower-case hexadecimal digits of its SHA-256. */
export type Digest = string

/** Reads the seed's `SHA256:<64 hex>`; the prefix and the digits in either case. Anything else is a sentence that says why not. */
export function parseChecksum(text: string): { digest: Digest } | { refused: string } {
  const colon = text.indexOf(':')
  if (colon < 0) return { refused: `checksum "${excerpt(text)}" has no algorithm: it must read SHA256:<64 hexadecimal digits>` }
  const algorithm = text.slice(0, colon)
  if (algorithm.toUpperCase() !== 'SHA256') {
    return { refused: `checksum algorithm "${excerpt(algorithm)}" is not supported: only SHA256 is` }
  }
  const digits = text.slice(colon + 1)
  if (!/^[0-9a-fA-F]{64}$/.test(digits)) {
    return { refused: `checksum has ${digits.length} characters after SHA256: where 64 hexadecimal digits belong` }
  }
  return { digest: digits.toLowerCase() }
}

/** The seed's spelling of a digest. */
export function formatChecksum(digest: Digest): string {
  return `SHA256:${digest}`
}
