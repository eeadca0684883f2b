import type { StepPayloads } from '../../plan/step.ts'
import { changeAgent, type ReleaseRecord } from '../../state/metafile-schema.ts'
import type { Work } from '../tools.ts'

/** Changes how a release is run; what is not given stays as it is. */
export async function configure({ name, release, settings }: StepPayloads['configure'], { metafile }: Work): Promise<void> {
  await metafile.update(
    changeAgent(name, (agent) => {
      const found = agent.releases[release]
      if (found === undefined) return agent
      const changed: ReleaseRecord = { ...found, ...settings, version: found.version }
      return { ...agent, releases: { ...agent.releases, [release]: changed } }
    }),
  )
}
