import process from 'node:process'

/** What a test may do to this process at a place, by the variable that names the place. */
const DEEDS = [
  ['BOOTAGENT_CRASH_AT', 'SIGKILL'],
  ['BOOTAGENT_STOP_AT', 'SIGSTOP'],
] as const

/**
 * A place where a test may kill this process as if the power had gone: `BOOTAGENT_CRASH_AT` names it. At the one that
 * `BOOTAGENT_STOP_AT` names it stands still, until it is sent SIGCONT. `name#3` means the third time it is reached. In production the
 * variables are absent and this does nothing.
 */
export function crashPoint(name: string): void {
  for (const [variable, signal] of DEEDS) {
    const wanted = process.env[variable]
    if (wanted !== undefined && isReached(variable, wanted, name)) process.kill(process.pid, signal)
  }
}

function isReached(variable: string, wanted: string, name: string): boolean {
  const [point, nth = '1'] = wanted.split('#')
  if (point !== name) return false
  const times = (passed.get(variable) ?? 0) + 1
  passed.set(variable, times)
  return times === Number(nth)
}

const passed = new Map<string, number>()
