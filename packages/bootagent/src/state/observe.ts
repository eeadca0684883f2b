import { namesIfThere } from '@bootagent/runtime'
import { fileSetId } from './file-sets.ts'
import type { AgentOnHost, HostState } from './host-state.ts'
import type { Metafile } from './metafile-schema.ts'
import type { OwnState } from './own-slots.ts'
import { agentPaths, type Paths } from './paths.ts'

/** Looks at the disk for what a job about `name` needs to know; what runs is told by the supervisor, and what is to run by the slots. */
export async function observe(
  seen: { readonly paths: Paths; readonly metafile: Metafile; readonly running: AgentOnHost['running']; readonly own: OwnState },
  name: string | undefined,
): Promise<HostState> {
  const { metafile, paths } = seen
  return {
    agent: name === undefined ? undefined : await observeAgent(seen, name),
    packages: new Set((await namesIfThere(paths.packages)) ?? []),
    agents: Object.keys(metafile.agents).length,
    jobs: metafile.jobs,
    own: seen.own,
    upgrade: metafile.own?.upgrade,
    step: metafile.step,
    svrlist: metafile.svrlist,
  }
}

async function observeAgent({ paths, metafile, running }: Parameters<typeof observe>[0], name: string): Promise<AgentOnHost> {
  const record = metafile.agents[name]
  const own = agentPaths(paths, name)
  const [onDisk, sets] = [new Set(await namesIfThere(own.releases)), new Set(await namesIfThere(own.files))]
  // A directory without a record was renamed into place just before a crash: it is not whole until it is recorded.
  const recorded = Object.entries(record?.releases ?? {}).filter(([id, { tree }]) => onDisk.has(tree ?? id))
  const installed = recorded.filter(([, { files }]) => files === undefined || sets.has(fileSetId(files)))
  return {
    name,
    record,
    installed: new Set(installed.map(([id]) => id)),
    trees: new Set(recorded.map(([id, { tree }]) => tree ?? id)),
    fileSets: sets,
    failed: metafile.failed[name] ?? [],
    directory: (await namesIfThere(own.root)) !== undefined,
    running,
  }
}
