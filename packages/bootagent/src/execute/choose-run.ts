import { Run } from '@bootagent/protocol'
import * as v from 'valibot'
import { StepError } from '../errors.ts'

/** Who may say how a release is run. */
export interface RunSources {
  readonly name: string
  readonly asked: Run | undefined
  readonly manifest: Run | undefined
  /** Executable files of the package. */
  readonly programs: readonly string[]
}

/** The job's word, else the package's own `agent.json`, else the one executable that is named like the agent; throws `nothing-to-run`. */
export function chooseRun({ name, asked, manifest, programs }: RunSources): Run {
  const said = asked ?? manifest
  if (said !== undefined) {
    if (programs.includes(normal(said.exec))) return said
    throw new StepError('nothing-to-run', `${said.exec} is not an executable file of the package${hint(programs)}`)
  }
  // A path longer than a record of it may be is left out: the metafile could not be read again.
  const named = programs.filter((program) => program.split('/').at(-1) === name && v.is(Run, { exec: program }))
  const [first] = named.sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1))
  if (first !== undefined) return { exec: first }
  throw new StepError(
    'nothing-to-run',
    `neither the job nor the package says what to run, and no executable is named ${name}${hint(programs)}`,
  )
}

function hint(programs: readonly string[]): string {
  return programs.length === 0
    ? '; it has no executable file'
    : `; it has ${programs.slice(0, 5).join(', ')}${programs.length > 5 ? ', …' : ''}`
}

function normal(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '.' && part !== '')
    .join('/')
}

function depth(path: string): number {
  return path.split('/').length
}
