import * as v from 'valibot'

const UpTo = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(most))
const GIB = 1024 ** 3

/** What one archive may cost the host. The greatest value of each is its ceiling: a worker refuses to work with more. */
export const UnpackLimits = v.object({
  /** Bytes that come out of it, the archive's own headers and the copies made for hard links included. */
  maxBytes: UpTo(64 * GIB),
  maxEntries: UpTo(1_000_000),
  /** Bytes of all names together: they are kept in memory until the last one is judged. */
  maxNameBytes: UpTo(256 * 1024 ** 2),
  maxDepth: UpTo(128),
  maxPathBytes: UpTo(4095),
  maxComponentBytes: UpTo(255),
  /** Unpacked bytes to packed bytes … */
  maxRatio: UpTo(1000),
  /** … which is not looked at below this many unpacked bytes: a small archive of zeros harms nobody. */
  ratioFreeBytes: UpTo(GIB),
})
export type UnpackLimits = v.InferOutput<typeof UnpackLimits>

/** What honest packages stay far below. */
export const DEFAULT_UNPACK_LIMITS: UnpackLimits = {
  maxBytes: 4 * GIB,
  maxEntries: 200_000,
  maxNameBytes: 32 * 1024 ** 2,
  maxDepth: 32,
  maxPathBytes: 1024,
  maxComponentBytes: 255,
  maxRatio: 200,
  ratioFreeBytes: 10_000_000,
}

/** The most that the limits let out of a package of `packed` bytes. */
export function mostOutOf(packed: number, { maxBytes, maxRatio, ratioFreeBytes }: UnpackLimits): number {
  return Math.min(maxBytes, Math.max(ratioFreeBytes, packed * maxRatio))
}

/** Why so many bytes out of a package of `packed` bytes are too many; undefined when they are not. */
export function inflationFault(unpacked: number, packed: number, limits: UnpackLimits): string | undefined {
  if (unpacked > limits.maxBytes) return `unpacks to more than ${limits.maxBytes} bytes`
  if (unpacked > limits.ratioFreeBytes && unpacked > packed * limits.maxRatio) {
    return `unpacks to more than ${limits.maxRatio} times its own size of ${packed} bytes`
  }
  return undefined
}
