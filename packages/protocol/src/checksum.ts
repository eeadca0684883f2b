import { excerpt } from './excerpt.ts'

/** The digest a package is known by, in lower-case hexadecimal digits: 64 of a SHA-256, 128 of a SHA-512. */
export type Digest = string

/** What a checksum may be made by, and how many digits its digest has: by their number alone a digest tells its algorithm. */
export const DIGEST_LENGTHS = { sha256: 64, sha512: 128 } as const
export type DigestAlgorithm = keyof typeof DIGEST_LENGTHS

/** Reads the seed's `SHA256:<64 hex>`, or `SHA512:<128 hex>`; prefix and digits in either case. Anything else is a sentence that says why not. */
export function parseChecksum(text: string): { digest: Digest } | { refused: string } {
  const colon = text.indexOf(':')
  if (colon < 0) return { refused: `checksum "${excerpt(text)}" has no algorithm: it must read SHA256:<64 hexadecimal digits>` }
  const algorithm = text.slice(0, colon).toUpperCase()
  const length = LENGTHS_BY_NAME.get(algorithm)
  if (length === undefined) {
    return { refused: `checksum algorithm "${excerpt(text.slice(0, colon))}" is not supported: only SHA256 and SHA512 are` }
  }
  const digits = text.slice(colon + 1)
  if (digits.length !== length || !/^[0-9a-fA-F]*$/.test(digits)) {
    return { refused: `checksum has ${digits.length} characters after ${algorithm}: where ${length} hexadecimal digits belong` }
  }
  return { digest: digits.toLowerCase() }
}

const LENGTHS_BY_NAME = new Map(Object.entries(DIGEST_LENGTHS).map(([name, length]) => [name.toUpperCase(), length]))

/** What a digest was made by. */
export function algorithmOf(digest: Digest): DigestAlgorithm {
  return digest.length === DIGEST_LENGTHS.sha512 ? 'sha512' : 'sha256'
}

/** The seed's spelling of a digest. */
export function formatChecksum(digest: Digest): string {
  return `${algorithmOf(digest).toUpperCase()}:${digest}`
}
