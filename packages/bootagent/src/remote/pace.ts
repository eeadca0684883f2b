import { jitter } from '@bootagent/runtime'

/** How often the host speaks; all in seconds. */
export interface PaceSettings {
  readonly step: number
  /** After a round of servers without an answer; 180. */
  readonly retry: number
  /** Between two reports, however much there is to say; 10. */
  readonly gap: number
}

/** Retry-After is honoured between these, so that no answer can silence a host for long. */
const RETRY_AFTER = { min: 1, max: 3600 }

/** Seconds until the next report; `random` in [0, 1) spreads a fleet that was started by one hand. */
export function nextReport(
  settings: PaceSettings,
  last: { answered: boolean; retryAfter: number | undefined },
  random: number,
): number {
  if (last.answered) return jitter(settings.step, 0.1, random)
  if (last.retryAfter === undefined) return jitter(settings.retry, 0.1, random)
  const asked = Math.min(RETRY_AFTER.max, Math.max(RETRY_AFTER.min, last.retryAfter))
  // Only ever later: the server said when at the earliest.
  return asked * (1 + 0.1 * random)
}

/** Seconds to wait when something is to be told at once: the gap since the last report is kept. */
export function urgentReport(settings: PaceSettings, sinceLast: number): number {
  return Math.max(0, settings.gap - sinceLast)
}
