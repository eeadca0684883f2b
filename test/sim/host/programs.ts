import type { Forced } from '../../../packages/bootagent/src/supervise/attempt.ts'
import type { Cargo } from '../world/packages.ts'
import type { Time } from '../world/time.ts'

/** One process of an agent, and what its run directory says of it: both outlive any BootAgent, and neither outlives a boot. */
export interface Program {
  readonly attempt: string
  readonly name: string
  readonly release: string
  readonly pid: number
  /** Undefined for bytes that are no program of any package. */
  readonly cargo: Cargo | undefined
  /** Milliseconds of the world's time. */
  readonly bornAt: number
  readonly bootid: string
  stopping: boolean
  forced: Forced | undefined
  ready: boolean
  /** How it ended, as a shell tells it, and when. */
  end: { readonly status: number; readonly at: number } | undefined
}

/** The processes of one host. */
export interface Programs {
  /** Every attempt of this boot, by agent, latest last. */
  of(name: string): readonly Program[]
  alive(): readonly Program[]
  /** Counts starts and ends: who has looked knows by it whether there is anything new to see. */
  generation(): number
  start(made: Pick<Program, 'attempt' | 'name' | 'release' | 'cargo' | 'bootid'>): Program
  signal(program: Program, signal: 'TERM' | 'KILL'): void
  /** The host is without power: nothing is left. */
  lose(): void
}

/** The directory of an attempt, on its host's disk. */
export function attemptPath({ name, attempt }: Pick<Program, 'name' | 'attempt'>): string {
  return `/run/agents/${name}/${attempt}`
}

interface World {
  readonly time: Time
  /** Told of every start and every end. */
  readonly started: (program: Program) => void
  readonly ended: (program: Program) => void
}

const TERMED = 143
const KILLED = 137
/** Milliseconds in which a program ends of its own accord once it was asked to. */
const PROMPT = 40

export function createPrograms({ time, started, ended }: World): Programs {
  const all = new Map<string, Program[]>()
  const clinging = new Map<Program, number>()
  let pids = 1000
  let generation = 0

  function end(program: Program, status: number): void {
    if (program.end !== undefined || !(all.get(program.name) ?? []).includes(program)) return
    program.end = { status, at: time.now() }
    generation += 1
    ended(program)
  }

  function live(program: Program): void {
    const temper = program.cargo?.temper
    if (temper === undefined) time.after(1, () => end(program, 126))
    else if (temper.kind === 'ends at once') time.after(2, () => end(program, temper.code))
    else if (temper.kind === 'ends') time.after(temper.after * 1000, () => end(program, temper.code))
  }

  function signal(program: Program, which: 'TERM' | 'KILL'): void {
    const temper = program.cargo?.temper
    if (temper?.kind === 'clings') {
      const until = clinging.get(program) ?? time.now() + temper.seconds * 1000
      clinging.set(program, until)
      if (time.now() < until) {
        time.after(until - time.now(), () => end(program, KILLED))
        return
      }
    }
    const patience = temper?.kind === 'ends slowly' ? temper.seconds * 1000 : PROMPT
    if (which === 'KILL') time.after(1, () => end(program, KILLED))
    else time.after(patience, () => end(program, TERMED))
  }

  return {
    of: (name) => all.get(name) ?? [],
    alive: () => [...all.values()].flat().filter((program) => program.end === undefined),
    start(made) {
      const program: Program = {
        ...made,
        pid: pids++,
        bornAt: time.now(),
        stopping: false,
        forced: undefined,
        ready: false,
        end: undefined,
      }
      const earlier = all.get(made.name) ?? []
      // As a run directory keeps them: the last three, and whatever still lives.
      all.set(made.name, [...earlier.filter((each, at) => each.end === undefined || at >= earlier.length - 2), program])
      generation += 1
      live(program)
      started(program)
      return program
    },
    signal,
    generation: () => generation,
    lose() {
      generation += 1
      all.clear()
      clinging.clear()
    },
  }
}
