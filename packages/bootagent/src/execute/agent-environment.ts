import { fileSetId } from '../state/file-sets.ts'
import type { Metafile } from '../state/metafile-schema.ts'
import { agentPaths, fileSetPath, type Paths } from '../state/paths.ts'

/** What every agent is started with when nobody says otherwise; nothing of our own environment reaches it. */
const BASE = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' }

/** The whole environment of an agent's process: the base, what its job gave, and last what only we can tell it. */
export function agentEnvironment(
  paths: Paths,
  metafile: Metafile,
  told: { name: string; server: string },
): Record<string, string> {
  const agent = metafile.agents[told.name]
  const { envs = {}, files } = agent?.releases[agent.release ?? ''] ?? {}
  const { data } = agentPaths(paths, told.name)
  return {
    ...BASE,
    HOME: data,
    ...envs,
    BOOTAGENT_AGENT: told.name,
    BOOTAGENT_AGENTSN: metafile.identity.agentsn,
    BOOTAGENT_SERVER: told.server,
    BOOTAGENT_DATA: data,
    // The set itself, and not the link to it: what was started by one set never reads half of another.
    ...(files === undefined ? {} : { BOOTAGENT_CONFIG: fileSetPath(paths, told.name, fileSetId(files)) }),
  }
}
