import { type DeliveryJob, type Job, type JobOf, OWN_NAME } from '@bootagent/protocol'
import type { AgentOnHost, HostState } from '../state/host-state.ts'
import type { OwnUpgrade } from '../state/metafile-schema.ts'
import { holdsVersion, isOnTrial, otherSlot, type Slot } from '../state/own-slots.ts'
import type { Circumstances } from './circumstances.ts'
import { failedBefore, needUnmet, sourceOf } from './deliver.ts'
import { readDelivery } from './read-delivery.ts'
import { type Plan, refuse, type Step, success } from './step.ts'

/**
 * A job about BootAgent itself. Its upgrade outlives the process that began it: the old one fills the other slot, switches and leaves; whichever
 * runs then plans again, and what lies on the disk says whether the new one holds (ADR 0049).
 */
export function planOwn(job: Job, host: HostState, circumstances: Circumstances): Plan {
  const { own } = host
  if (own.running === undefined)
    return refuse(
      'own-name',
      `this ${OWN_NAME} was not started by its guard, so nobody would start the next one: use "bootagent start"`,
    )
  if (job.action === 'restart') {
    if (circumstances.begun) return { kind: 'end', end: success(`${OWN_NAME} ${circumstances.bootagent} was started again`) }
    return { kind: 'steps-first', steps: [{ kind: 'leave' }] }
  }
  const upgrade = host.upgrade?.job === circumstances.key ? host.upgrade : undefined
  if (upgrade !== undefined) return afterFilling(upgrade, own.running, host, circumstances)
  // Another one is still on its trial, from the package manager say: its way back must not be lost.
  const first: Step[] = isOnTrial(own) ? [{ kind: 'await-own-trial' }] : []
  if (job.action === 'rollback') return planOwnRollback(job, own.running, host, first)
  return planOwnDelivery(job as DeliveryJob, { host, running: own.running, first }, circumstances)
}

function planOwnDelivery(
  job: DeliveryJob,
  { host, running, first }: { host: HostState; running: Slot; first: readonly Step[] },
  circumstances: Circumstances,
): Plan {
  const { digest, format, file, version, tree } = readDelivery(job, undefined)
  if (format === undefined) return refuse('archive-unknown', `"${file}" is none of the archives that are unpacked here`)
  const refusal = needUnmet(job, circumstances)
  if (refusal !== undefined) return refusal
  if (holdsVersion(version, circumstances.bootagent) && job.force !== true)
    return { kind: 'end', end: success(`${OWN_NAME} is ${circumstances.bootagent} already`) }
  if (job.expect !== undefined && job.expect !== circumstances.bootagent)
    return refuse('expect-failed', `${OWN_NAME} is ${circumstances.bootagent}, and the job expects ${job.expect}`)
  const failed = failedBefore(job, host.agent as AgentOnHost, tree)
  if (failed !== undefined) return failed
  const source = sourceOf(job, digest)
  const fetched: Step[] = host.packages.has(digest) ? [] : [{ kind: 'download', ...source }]
  const to = otherSlot(running)
  const stated = job.version === undefined ? {} : { stated: job.version }
  return {
    kind: 'steps-first',
    steps: [
      ...first,
      ...fetched,
      { kind: 'verify', digest, format, source },
      { kind: 'fill-slot', slot: to, digest, format, ...stated },
      { kind: 'test-slot', slot: to, version },
      { kind: 'switch-slot', from: running, to, tree },
      { kind: 'leave' },
    ],
  }
}

/** The other slot holds what ran before, or what was tried last. */
function planOwnRollback(job: JobOf<'rollback'>, running: Slot, host: HostState, first: readonly Step[]): Plan {
  const to = otherSlot(running)
  if (!host.own.filled.includes(to)) return refuse('no-previous', `${OWN_NAME} has no other version on this host`)
  return {
    kind: 'steps-first',
    steps: [
      ...first,
      { kind: 'test-slot', slot: to, ...(job.to === undefined ? {} : { version: job.to }) },
      { kind: 'switch-slot', from: running, to },
      { kind: 'leave' },
    ],
  }
}

/** From the moment the switch is on record. `running` tells which of the two is asked. */
function afterFilling(upgrade: OwnUpgrade, running: Slot, { own }: HostState, { bootagent }: Circumstances): Plan {
  const { from, to, before, version, switched, failure } = upgrade
  if (running === to) {
    const steps: Step[] = isOnTrial(own) ? [{ kind: 'await-own-trial' }] : []
    return { kind: 'steps', steps, end: success(`${OWN_NAME} ${bootagent} runs, after ${before}`) }
  }
  // Also where it is noted already: what was written down has to go with the job.
  const toNote = own.failure !== undefined || (failure === undefined && switched === true && own.current === from)
  if (toNote) return { kind: 'steps-first', steps: [{ kind: 'note-own-failure' }] }
  if (failure !== undefined) {
    const message = `${OWN_NAME} ${version} did not hold: ${failure}; ${before} runs again`
    return { kind: 'end', end: { reason: 'trial-failed', message } }
  }
  // Killed before the switch, or before the end that it asks for.
  const left: Step[] =
    own.current === to
      ? []
      : [
          { kind: 'test-slot', slot: to },
          { kind: 'switch-slot', from, to },
        ]
  return { kind: 'steps-first', steps: [...left, { kind: 'leave' }] }
}
