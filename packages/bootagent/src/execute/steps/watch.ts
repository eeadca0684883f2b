import { whenAborted } from '@bootagent/runtime'
import type { StepPayloads } from '../../plan/step.ts'
import { judgeTrial, type Verdict } from '../../trial/trial.ts'
import { StepError } from '../../errors.ts'
import type { Work } from '../tools.ts'

/** Waits until the trial is over. What it failed of is noted by whoever works on the job, before the way back begins. */
export async function watch({ name }: StepPayloads['watch'], work: Work): Promise<void> {
  for (;;) {
    const changed = new AbortController()
    const stop = () => changed.abort()
    work.cutShort.addEventListener('abort', stop, { once: true })
    try {
      // Subscribed before looking: what changes between the look and the wait is not missed.
      const change = work.supervisor.changed(name, changed.signal)
      const verdict = await judgeNow(name, work)
      if (verdict.kind === 'keep') return
      if (verdict.kind === 'revert') throw new StepError('trial-failed', verdict.reason)
      await Promise.race([change, work.clock.sleep(verdict.seconds * 1000, changed.signal), whenAborted(work.cutShort)])
      work.cutShort.throwIfAborted()
    } finally {
      changed.abort()
      work.cutShort.removeEventListener('abort', stop)
    }
  }
}

/** An uptime goes on by itself, also after an end that nobody has seen yet: a release is kept only on a look of this moment. */
async function judgeNow(name: string, { metafile, supervisor }: Work): Promise<Verdict> {
  const judge = () => judgeTrial(metafile.read().agents[name], supervisor.observe().get(name))
  const verdict = judge()
  if (verdict.kind !== 'keep') return verdict
  await supervisor.lookAgain(name)
  return judge()
}
