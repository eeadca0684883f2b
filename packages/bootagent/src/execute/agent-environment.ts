import type { Metafile } from '../state/metafile-schema.ts'
import { agentPaths, type Paths } from '../state/paths.ts'

/** What every agent is started with when nobody says otherwise; nothing of our own environment reaches it. */
const BASE = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' }

/** The whole environment of an agent's process: the base, what its job gave, and last what only we can tell it. */
export function agentEnvironment(
  paths: Paths,
  metafile: Metafile,
  told: { name: string; server: string },
): Record<string, string> {
  const agent = metafile.agents[told.name]
  const envs = agent?.release === null || agent === undefined ? {} : (agent.releases[agent.release]?.envs ?? {})
  const { data } = agentPaths(paths, told.name)
  return {
    ...BASE,
    HOME: data,
    ...envs,
    BOOTAGENT_AGENT: told.name,
    BOOTAGENT_AGENTSN: metafile.identity.agentsn,
    BOOTAGENT_SERVER: told.server,
    BOOTAGENT_DATA: data,
  }
}
