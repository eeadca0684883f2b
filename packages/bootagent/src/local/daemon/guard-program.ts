import { accessSync, constants, realpathSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { writeFileAtomic } from '@bootagent/runtime'
import { BootAgentError } from '../../errors.ts'

/** Where the guard lies, and the executable it takes its slots from. */
export interface GuardProgram {
  readonly guard: string
  readonly seed: string
}

/** As packages install it. */
const INSTALLED = '/usr/lib/bootagent'

/** Looks beside this executable, then where packages put it. Throws `not-done` with what to do when there is none. */
export function findGuardProgram(): GuardProgram {
  const places = [dirname(realpathSync(process.execPath)), INSTALLED]
  const found = places.find((place) => isExecutable(`${place}/guard`) && isExecutable(`${place}/bootagent`))
  if (found !== undefined) return { guard: `${found}/guard`, seed: `${found}/bootagent` }
  throw new BootAgentError(
    'not-done',
    `there is no guard and bootagent to start, neither in ${places.join(' nor in ')}: install the package, or put contrib/guard of the sources as "guard" beside an executable named "bootagent". Without a guard: bootagent -f, under whatever starts it again`,
  )
}

/** A checkout has no executable: its own main file, by the Node that runs it, is written as one into the run directory. */
export async function checkoutGuardProgram(main: string, run: string): Promise<GuardProgram> {
  const seed = `${run}/checkout`
  const command = [process.execPath, ...process.execArgv, main].map(quote).join(' ')
  await writeFileAtomic(seed, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o700 })
  await chmod(seed, 0o700)
  return { guard: resolve(join(dirname(main), '../../../contrib/guard')), seed }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return false
    throw error
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}
