import { RuntimeError } from '@bootagent/runtime'
import type { StepPayloads } from '../../plan/step.ts'
import { changeJob } from '../../state/metafile-schema.ts'
import { agentPaths } from '../../state/paths.ts'
import { findChanges } from '../find-changes.ts'
import type { Work } from '../tools.ts'

/**
 * Finds what was changed in the agent's releases, for the end of the job, and notes it with the job before anything is deleted: whoever
 * goes on after a crash finds it there, and does not look at what is left. A disk that does not take the note is no reason to
 * keep the agent, all the less when it is full: then a crash alone makes the job forget it.
 */
export async function noteChanges({ name }: StepPayloads['note-changes'], work: Work): Promise<void> {
  const { key, paths, metafile, cutShort, findings, log } = work
  const releases = metafile.read().agents[name]?.releases ?? {}
  const changes = await findChanges(agentPaths(paths, name), releases, cutShort)
  findings.changes = changes
  try {
    await metafile.update(changeJob(key, (record) => ({ ...record, changes })))
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error
    log.warn({ key, why: error.message }, 'what was changed in releases that are about to be deleted could not be noted')
  }
}
