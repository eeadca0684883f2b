import { type Clock, createService, RuntimeError, type Service, whenAborted } from '@bootagent/runtime'
import type { Happening } from '../happening.ts'
import { AGAIN, type Leaving } from '../leaving.ts'
import type { MetafileStore } from '../state/metafile.ts'
import { isOnTrial, type Slot } from '../state/own-slots.ts'
import type { Paths } from '../state/paths.ts'
import { noteOwnFailure, noteOwnVersion } from './end-upgrade.ts'
import { forgetFailure, keepSlot, leaveSlot, readSlots } from './slots.ts'

/** The watch of a new BootAgent over itself: the guard sees whether it runs, only itself whether it is of use. */
export interface OwnTrial {
  readonly service: Service
  /** Told everything that happens: an answered report is what it waits for. */
  hear(happening: Happening): void
  /** Whether it is still to be shown that this BootAgent holds: until then it asks its servers more often. */
  isOpen(): boolean
  /** Resolves when it has been kept, at once where there is nothing to be shown; never when it goes back. */
  readonly kept: Promise<void>
}

export interface OwnTrialParts {
  readonly paths: Paths
  readonly metafile: MetafileStore
  /** The version of this BootAgent. */
  readonly version: string
  /** The slot this process runs from; undefined without a guard. */
  readonly running: Slot | undefined
  /** How long it may take until a server has answered. */
  readonly seconds: number
  readonly clock: Clock
  readonly leave: Leaving['leave']
  readonly announce: (happening: Happening) => void
}

/** Milliseconds after which what the disk refused is tried again. */
const REST = 10_000

/** A new BootAgent is kept once a server has answered its report. Where none does in time it gives itself up for the one before. */
export function createOwnTrial(parts: OwnTrialParts): OwnTrial {
  const { paths, metafile, version, running, seconds, clock, leave, announce } = parts
  const answered = Promise.withResolvers<'answered'>()
  const kept = Promise.withResolvers<void>()
  let open = running !== undefined
  if (running === undefined) kept.resolve()

  async function watch(slot: Slot, signal: AbortSignal): Promise<void> {
    await untilTaken(signal, tellEarlierFailure)
    const slots = await readSlots(paths)
    if (slots.current === slot && isOnTrial(slots)) {
      const late = clock.sleep(seconds * 1000, signal).then(() => 'late' as const)
      const verdict = await Promise.race([answered.promise, late])
      if (signal.aborted) return
      if (verdict === 'late') return giveUp(slot, signal)
      await untilTaken(signal, () => keepSlot(paths))
      announce({ kind: 'own-kept', slot })
    }
    await untilTaken(signal, () => metafile.update(noteOwnVersion(version, now())))
    open = false
    kept.resolve()
  }

  async function giveUp(slot: Slot, signal: AbortSignal): Promise<void> {
    const why = `no server answered it within ${seconds} s`
    await untilTaken(signal, () => leaveSlot(paths, why))
    announce({ kind: 'own-given-up', slot, why })
    leave(AGAIN)
  }

  /** Of one that a job had brought, the job tells. */
  async function tellEarlierFailure(): Promise<void> {
    const { failure } = await readSlots(paths)
    if (failure === undefined || metafile.read().own?.upgrade !== undefined) return
    await metafile.update(noteOwnFailure(failure, version, now()))
    await forgetFailure(paths)
  }

  /** A full disk is no reason to end: it is tried again, and agents are looked after meanwhile. */
  async function untilTaken(signal: AbortSignal, deed: () => Promise<unknown>): Promise<void> {
    while (!signal.aborted) {
      try {
        await deed()
        return
      } catch (error) {
        if (!(error instanceof RuntimeError)) throw error
        announce({ kind: 'not-tidied', why: error.message })
        await clock.sleep(REST, signal)
      }
    }
  }

  function now(): number {
    return Math.floor(clock.now() / 1000)
  }

  return {
    service: createService(async (signal, ready) => {
      ready()
      if (running !== undefined) await watch(running, signal)
      await whenAborted(signal)
    }),
    hear(happening) {
      if (happening.kind === 'reported') answered.resolve('answered')
    },
    isOpen: () => open,
    kept: kept.promise,
  }
}
