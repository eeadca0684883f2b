/** `base`, twice that, four times that … up to `cap`, each spread over its upper half so that many hosts do not come back at once. */
export function backoff(settings: { base: number; cap: number }, attempt: number, random: number): number {
  const full = Math.min(settings.cap, settings.base * 2 ** Math.min(attempt, 30))
  return full / 2 + (full / 2) * random
}

/** A duration spread by up to `fraction` to either side; `random` is in [0, 1). */
export function jitter(duration: number, fraction: number, random: number): number {
  return duration * (1 + fraction * (2 * random - 1))
}
