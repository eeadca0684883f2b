/** The variable that tells an agent the path of its ready file. */
export const READY_VARIABLE = 'BOOTAGENT_READY_FILE'

/**
 * The file an agent makes when it serves, and may take away when it does not. In a directory of the attempt that belongs to the
 * agent: what else is in an attempt it must not write. A new attempt has none, so no earlier process can speak for it.
 */
export function readyFileOf(attempt: string): string {
  return `${attempt}/own/ready`
}
