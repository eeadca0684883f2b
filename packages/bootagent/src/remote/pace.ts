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

/** So many rounds in a row may every server refuse to let a host in before it asks less often. */
export const PATIENT_DENIALS = 5

/** Seconds until the next report; `random` in [0, 1) spreads a fleet that was started by one hand. */
export function nextReport(
  settings: PaceSettings,
  last: { answered: boolean; retryAfter: number | undefined; denials?: number },
  random: number,
): number {
  if (last.answered) return jitter(settings.step, 0.1, random)
  const patience = Math.max(0, (last.denials ?? 0) - PATIENT_DENIALS)
  const retry = Math.max(settings.retry, Math.min(LONGEST_PACE, settings.retry * 2 ** Math.min(patience, 20)))
  if (last.retryAfter === undefined) return jitter(retry, 0.1, random)
  const asked = Math.min(RETRY_AFTER.max, Math.max(RETRY_AFTER.min, last.retryAfter))
  // Only ever later: the server said when at the earliest.
  return asked * (1 + 0.1 * random)
}

/** Seconds until a server that did not answer is brought its results again: longer each time, and never longer than an hour. */
export function nextErrand(retry: number, failures: number): number {
  return Math.min(LONGEST_PACE, retry * 2 ** Math.min(failures, 20))
}

const LONGEST_PACE = 3600

/** Seconds to wait when something is to be told at once: the gap since the last report is kept. */
export function urgentReport(settings: PaceSettings, sinceLast: number): number {
  return Math.max(0, settings.gap - sinceLast)
}
