import { type JobResult, jobKey } from '@bootagent/protocol'
import { type Clock, type Doorbell, RuntimeError } from '@bootagent/runtime'
import { StepError } from './errors.ts'
import type { Announce } from './happening.ts'
import { type OrderAction, orderJob, type OrderOutcome, takeOrder } from './job/local-order.ts'
import type { MetafileStore } from './state/metafile.ts'

/** Takes the orders of operators at the host; they are carried out as jobs are, by the working loop (ADR 0021). */
export interface Orders {
  /** Resolves when its job has ended. It goes on whether or not anybody still waits for that, and after an end of ours. */
  order(action: OrderAction, name: string): Promise<OrderOutcome>
  /** Is told what happens, and listens for the ends of jobs. */
  readonly hear: Announce
}

interface OrderParts {
  readonly metafile: MetafileStore
  readonly clock: Clock
  readonly toDo: Doorbell
  readonly announce: Announce
  readonly newId: () => string
}

export function createOrders({ metafile, clock, toDo, announce, newId }: OrderParts): Orders {
  const waiting = new Map<string, (result: JobResult) => void>()

  return {
    async order(action, name) {
      const job = orderJob(action, name, newId())
      // Before it is on the disk: the working loop may have done it by the time we are told that it is.
      const ended = new Promise<JobResult>((resolve) => waiting.set(job.id, resolve))
      try {
        const taken = await metafile.update(takeOrder(job, Math.floor(clock.now() / 1000)))
        if (taken.jobs[jobKey(job)] === undefined) return notTaken('too many orders are open here; wait for one of them')
        announce({ kind: 'job-accepted', job: job.id, action, agent: name })
        toDo.ring()
        return { kind: 'ended', result: await ended }
      } catch (error) {
        if (error instanceof RuntimeError || error instanceof StepError) return notTaken(error.message)
        throw error
      } finally {
        waiting.delete(job.id)
      }
    },
    hear(happening) {
      if (happening.kind === 'job-done') waiting.get(happening.job)?.(happening.result)
    },
  }
}

function notTaken(why: string): OrderOutcome {
  return { kind: 'not-taken', why }
}
