import process from 'node:process'

/**
 * A place where a test may kill this process as if the power had gone: `BOOTAGENT_CRASH_AT` names it.
 * `name#3` means the third time it is reached. In production the variable is absent and this does nothing.
 */
export function crashPoint(name: string): void {
  const wanted = process.env['BOOTAGENT_CRASH_AT']
  if (wanted === undefined) return
  const [point, nth = '1'] = wanted.split('#')
  if (point !== name) return
  passed.set(name, (passed.get(name) ?? 0) + 1)
  if (passed.get(name) === Number(nth)) process.kill(process.pid, 'SIGKILL')
}

const passed = new Map<string, number>()
