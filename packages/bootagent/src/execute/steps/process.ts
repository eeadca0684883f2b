import { whenAborted } from '@bootagent/runtime'
import type { StepPayloads } from '../../plan/step.ts'
import { changeAgent, changeJob } from '../../state/metafile-schema.ts'
import { StepError } from '../../errors.ts'
import type { Work } from '../tools.ts'

/** Starts the agent's current release. */
export async function start({ name }: StepPayloads['start'], { supervisor, signal }: Work): Promise<void> {
  const outcome = await unlessAborted(signal, supervisor.start(name))
  if (outcome.kind === 'running') return
  const reason = outcome.kind === 'hindered' ? 'start-hindered' : 'start-failed'
  throw new StepError(reason, `${name} could not be started: ${outcome.why}`)
}

/** Ends every process of the agent. */
export async function stop({ name }: StepPayloads['stop'], { key, metafile, supervisor, signal }: Work): Promise<void> {
  const running = supervisor.observe().get(name)?.attempt
  // It did not run yet when the job began: whoever gives the job up from here on has to know that there is something to run again.
  if (running !== undefined && metafile.read().jobs[key]?.before === undefined)
    await metafile.update(changeJob(key, (record) => (record.state === 'running' ? { ...record, before: running } : record)))
  const outcome = await unlessAborted(signal, supervisor.stop(name))
  if (outcome.kind === 'stuck') {
    throw new StepError('stop-stuck', `${name} could not be stopped: ${outcome.why} (process ${outcome.pids.join(', ')})`)
  }
}

/** Notes whether the agent is to run. */
export async function want({ name, wanted }: StepPayloads['want'], { metafile }: Work): Promise<void> {
  const forgiven = wanted === 'running' ? { strikes: 0, fatal: false } : {}
  await metafile.update(changeAgent(name, (agent) => ({ ...agent, wanted, ...forgiven })))
}

/** Holds what runs to the limits on record; what the host does not take of them, `status` names. */
export async function applyLimits({ name }: StepPayloads['apply-limits'], { supervisor }: Work): Promise<void> {
  await supervisor.applyLimits(name)
}

/** An agent may take its whole grace to end, and nobody who stops BootAgent should wait for that: it is ended by the next one. */
async function unlessAborted<Result>(signal: AbortSignal, result: Promise<Result>): Promise<Result> {
  const aborted = whenAborted(signal).then((): never => {
    throw signal.reason
  })
  return await Promise.race([result, aborted])
}
