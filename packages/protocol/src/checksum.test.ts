import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { algorithmOf, formatChecksum, parseChecksum } from './checksum.ts'

const DIGEST = '4a34b8d7d3009bb9ef9475fbf33e7bbe4a1e8db003aefc578a241c2f51c2c2f2'
const hex = (length: number) => fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
const digests = fc.oneof(hex(64), hex(128))

test("the seed's spelling is read", () => {
  expect(parseChecksum(`SHA256:${DIGEST}`)).toEqual({ digest: DIGEST })
})

test('prefix and digits are read in either case, and the digest is lower case', () => {
  expect(parseChecksum(`sha256:${DIGEST.toUpperCase()}`)).toEqual({ digest: DIGEST })
})

test('SHA-512 is read too, and a digest tells by its length what it is', () => {
  const digest = DIGEST + DIGEST
  expect(parseChecksum(`sha512:${digest}`)).toEqual({ digest })
  expect([DIGEST, digest].map(algorithmOf)).toEqual(['sha256', 'sha512'])
  expect(formatChecksum(digest)).toBe(`SHA512:${digest}`)
})

test('what is formatted is read back', () => {
  fc.assert(
    fc.property(digests, (digest) => {
      expect(parseChecksum(formatChecksum(digest))).toEqual({ digest })
    }),
  )
})

test.each([
  ['', 'no algorithm'],
  [DIGEST, 'no algorithm'],
  [`MD5:${DIGEST.slice(32)}`, '"MD5" is not supported'],
  [`SHA1:${DIGEST.slice(24)}`, '"SHA1" is not supported'],
  [`SHA512:${DIGEST}`, '64 characters after SHA512: where 128'],
  [`SHA256:${DIGEST}${DIGEST}`, '128 characters after SHA256: where 64'],
  [`SHA256:${DIGEST}0`, '65 characters'],
  [`SHA256:${DIGEST.slice(1)}`, '63 characters'],
  [`SHA256:${DIGEST}\n`, '65 characters'],
  [`SHA256:${DIGEST.slice(1)}g`, '64 hexadecimal digits'],
  [`SHA256:SHA256:${DIGEST}`, '71 characters'],
])('%j is refused: %s', (text, says) => {
  expect(parseChecksum(text)).toEqual({ refused: expect.stringContaining(says) })
})

test('a refusal shows at most 40 characters of what it refuses', () => {
  expect(parseChecksum('x'.repeat(5000))).toEqual({ refused: expect.stringContaining(`"${'x'.repeat(40)}…"`) })
})
