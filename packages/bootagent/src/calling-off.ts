import { crashPoint, whenAborted } from '@bootagent/runtime'
import { callOff } from './job/call-off.ts'
import type { Walk } from './walk.ts'
import type { MetafileStore } from './state/metafile.ts'

/** Where jobs at work are found by whoever calls them off. */
export interface CallingOff {
  /** Enters a job that is about to be worked on; the signal is aborted when it is called off. */
  enter(key: string): { readonly signal: AbortSignal; readonly leave: () => void }
  /** Makes the wish durable, then tells the job, then waits for its end. Throws the signal's reason when that is aborted before. */
  callOff(wish: { readonly target: string; readonly by: string }, signal: AbortSignal): Promise<void>
}

interface CallingOffParts extends Pick<Walk, 'announce' | 'toTell'> {
  readonly metafile: MetafileStore
}

export function createCallingOff({ metafile, announce, toTell }: CallingOffParts): CallingOff {
  const atWork = new Map<string, AbortController>()
  let left = Promise.withResolvers<void>()

  async function wish(target: string, by: string): Promise<void> {
    const before = metafile.read().jobs[target]?.state
    const { jobs } = await metafile.update(callOff(target, by))
    crashPoint('call-off:recorded')
    const { state, result, job } = jobs[target] ?? {}
    if (before === state || result === undefined || job === undefined || job === null) return
    announce({ kind: 'job-done', job: job.id, result })
    toTell.ring()
  }

  return {
    enter(key) {
      const controller = new AbortController()
      atWork.set(key, controller)
      const leave = () => {
        atWork.delete(key)
        const all = left
        left = Promise.withResolvers()
        all.resolve()
      }
      return { signal: controller.signal, leave }
    },
    async callOff({ target, by }, signal) {
      await wish(target, by)
      atWork.get(target)?.abort()
      // A job that rests, because nothing could be written down, leaves and comes again.
      while ((metafile.read().jobs[target]?.state ?? 'done') !== 'done') {
        await Promise.race([left.promise, whenAborted(signal)])
        signal.throwIfAborted()
      }
    },
  }
}
