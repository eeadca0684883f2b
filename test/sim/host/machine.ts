import type { Clock } from '@bootagent/runtime'
import { createDisk, type Disk, systemError } from '../disk/disk.ts'
import { mount, type Operation } from '../disk/mounts.ts'
import { type Chance, openChance } from '../world/chance.ts'
import type { Time } from '../world/time.ts'
import { createPrograms, type Program, type Programs } from './programs.ts'

/** Unix milliseconds at which every world begins. */
export const EPOCH = Date.UTC(2026, 0, 1)
/** Seconds a host has been up when its world begins. */
const UPTIME = 1000
/** Bytes. */
const ROOM = 8 * 1024 ** 3

/** A fault that waits for a host's disk to be used so and so many times more. */
export interface Armed {
  left: number
  readonly strike: () => void
}

/** One host without its BootAgent: disk, processes, clocks, and what is wrong with them now. */
export interface Machine {
  readonly name: string
  readonly disk: Disk
  readonly programs: Programs
  readonly chance: Chance
  bootid: string
  /** Milliseconds of the world's time. */
  bootedAt: number
  /** By how much its wall clock is off, in milliseconds. */
  clockOff: number
  /** Bytes that may still be written. */
  free: number
  /** Kept by a disk that stands still: whoever changes it waits until it goes on. */
  still: PromiseWithResolvers<void> | undefined
  /** Ends of programs are not told to who supervises: only a look finds them. */
  deaf: boolean
  readonly armed: Armed[]
  /** A failing operation is the next of its kind. */
  failing: { readonly operation: Operation; left: number } | undefined
  /** An operation has failed since BootAgent was started last. */
  scarred: boolean
}

export interface MachineWorld {
  readonly seed: number
  readonly time: Time
  readonly started: (machine: Machine, program: Program) => void
  readonly ended: (machine: Machine, program: Program) => void
}

export function createMachine(name: string, world: MachineWorld): Machine {
  const { seed, time } = world
  const chance = openChance(seed, `machine ${name}`)
  const machine: Machine = {
    name,
    disk: createDisk(),
    programs: createPrograms({
      time,
      started: (program) => world.started(machine, program),
      ended: (program) => world.ended(machine, program),
    }),
    chance,
    bootid: chance.uuid(),
    bootedAt: 0,
    clockOff: 0,
    free: ROOM,
    still: undefined,
    deaf: false,
    armed: [],
    failing: undefined,
    scarred: false,
  }
  return machine
}

/** One life of a BootAgent: what is given to it stops for ever when it is killed. */
export interface Life {
  readonly number: number
  alive: boolean
}

/** The paths of a life begin with this. */
export function rootOf(machine: Machine, life: Life): string {
  return `/${machine.name}.${life.number}`
}

/** Lets a life use the host's disk, as long as it lives. */
export function mountFor(machine: Machine, life: Life, time: Time): void {
  const latency = openChance(machine.chance.whole(0, 2 ** 31), 'latency')
  mount(rootOf(machine, life).slice(1), {
    disk: machine.disk,
    free: () => machine.free,
    async enter(operation, path) {
      if (life.alive && operation !== 'look') strike(machine)
      // Most operations end within the kernel; now and then one waits for the disk, and others go on meanwhile.
      if (life.alive && latency.oneIn(10)) await after(time, latency.whole(1, 60) / 10)
      // The run directory lies in memory.
      const inMemory = path.startsWith('/run')
      if (!inMemory && operation !== 'look') await machine.still?.promise
      if (!life.alive) await never()
      if (!inMemory) refuse(machine, operation, path)
    },
  })
}

function strike(machine: Machine): void {
  for (const armed of [...machine.armed]) {
    armed.left -= 1
    if (armed.left > 0) continue
    machine.armed.splice(machine.armed.indexOf(armed), 1)
    armed.strike()
  }
}

function refuse(machine: Machine, operation: Operation, path: string): void {
  const { failing } = machine
  if (failing?.operation === operation) {
    failing.left -= 1
    if (failing.left <= 0) {
      machine.failing = undefined
      machine.scarred = true
      throw systemError('EIO', path)
    }
  }
  if (machine.free === 0 && (operation === 'make' || operation === 'write')) throw systemError('ENOSPC', path)
}

/** Lets whoever waits for a disk that stands still go on. */
export function goOn(machine: Machine): void {
  machine.still?.resolve()
  machine.still = undefined
}

/** The host's clocks as one life reads them; who sleeps when it is killed never wakes. */
export function clockOf(machine: Machine, life: Life, time: Time): Clock {
  return {
    now: () => EPOCH + time.now() + machine.clockOff,
    uptime: () => uptimeOf(machine, time),
    sleep(ms, signal) {
      return new Promise((resolve) => {
        if (signal?.aborted) return resolve(false)
        const wake = (elapsed: boolean) => {
          callOff()
          signal?.removeEventListener('abort', interrupt)
          if (life.alive) resolve(elapsed)
        }
        const interrupt = () => wake(false)
        // As with a real timer, some time passes in any sleep: who asks over and over whether it is time gets there.
        const callOff = time.after(Math.max(1, ms), () => wake(true))
        signal?.addEventListener('abort', interrupt)
      })
    },
  }
}

/** Seconds since this host was started. */
export function uptimeOf(machine: Machine, time: Time): number {
  return (machine.bootedAt === 0 ? UPTIME : 0) + (time.now() - machine.bootedAt) / 1000
}

export function after(time: Time, ms: number): Promise<void> {
  return new Promise((resolve) => void time.after(ms, resolve))
}

export function never(): Promise<never> {
  return new Promise(() => undefined)
}
