import { fileSetId } from './file-sets.ts'
import type { AgentRecord } from './metafile-schema.ts'
import type { AgentPaths } from './paths.ts'
import { treeOf } from './releases.ts'

/** Where an agent's links lead, relative to its directory; undefined for one that is not to be there. */
export type LinkTargets = Readonly<Record<keyof Pick<AgentPaths, 'current' | 'previous' | 'config'>, string | undefined>>

/** What the metafile makes of an agent's links; without a record there are none. */
export function linkTargets(agent: AgentRecord | undefined): LinkTargets {
  const files = agent?.releases[agent.release ?? '']?.files
  return {
    current: treeTarget(agent, agent?.release),
    previous: treeTarget(agent, agent?.previous),
    config: files === undefined ? undefined : `files/${fileSetId(files)}`,
  }
}

function treeTarget(agent: AgentRecord | undefined, release: string | null | undefined): string | undefined {
  const tree = treeOf(agent?.releases ?? {}, release ?? '')
  return tree === undefined ? undefined : `releases/${tree}`
}
