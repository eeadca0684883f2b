import type { StepPayloads } from '../../plan/step.ts'
import { StepError } from '../../errors.ts'
import type { Work } from '../tools.ts'

/** Keeps a new step between reports. */
export async function setStep({ step }: StepPayloads['set-step'], { metafile }: Work): Promise<void> {
  await metafile.update((current) => ({ ...current, step }))
}

/** Keeps a new server list once one of its servers has answered a report; until then nothing of it is on disk. */
export async function tryServers({ list }: StepPayloads['try-servers'], work: Work): Promise<void> {
  if (!(await work.tryServers(list, work.cutShort))) {
    throw new StepError(
      'svrlist-silent',
      `no server of "${list}" answered a report; the host stays with "${work.metafile.read().svrlist}"`,
    )
  }
  await work.metafile.update((current) => ({ ...current, svrlist: list }))
}
