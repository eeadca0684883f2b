import type { StepPayloads } from '../../plan/step.ts'
import { changeAgent, type ReleaseRecord } from '../../state/metafile-schema.ts'
import { treeOf } from '../../state/releases.ts'
import type { Work } from '../tools.ts'

/** Notes another release of an unpacked package; nothing runs by it until it is activated. */
export async function configure({ name, release, like, settings }: StepPayloads['configure'], { metafile }: Work): Promise<void> {
  await metafile.update(
    changeAgent(name, (agent) => {
      const [base, tree] = [agent.releases[like], treeOf(agent.releases, like)]
      if (base === undefined || tree === undefined) return agent
      const { version, digest, own, written } = base
      const made: ReleaseRecord = {
        version,
        digest,
        tree,
        ...(written === undefined ? {} : { written }),
        ...(own === undefined ? {} : { own }),
        ...settings,
      }
      return { ...agent, releases: { ...agent.releases, [release]: made } }
    }),
  )
}
