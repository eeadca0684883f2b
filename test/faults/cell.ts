import type { Lab } from './lab.ts'

/** One case: a host under one fault, brought back, and looked at. */
export interface Case {
  readonly name: string
  /** Whether the fault has happened; a sweep ends with the first case in which it has not. */
  readonly fired: boolean
  /** How the job ended, for people. */
  readonly outcome: string
  /** What does not hold; none when the host has survived. */
  readonly problems: readonly string[]
}

/** One field of the matrix: a scenario under one kind of fault. */
export interface Cell {
  readonly scenario: string
  readonly fault: string
  /** What the machine must be able to do for it: {@link whatIsMissing}. */
  readonly needs: 'nothing' | 'tracing' | 'descriptors' | 'disks' | 'quotas' | 'a disk of ours'
  cases(lab: Lab, how: How): AsyncGenerator<Case>
}

/** How much of a cell is run. */
export interface How {
  /** Only some of the cases, at fixed distances: what there is time for at each change. */
  readonly sample: boolean
  /** What chance is drawn from. */
  readonly seed: number
}
