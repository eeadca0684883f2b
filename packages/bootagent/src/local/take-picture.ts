import { systemClock } from '@bootagent/runtime'
import { type AgentPicture, type HostPicture, hostPicture } from '../control/picture.ts'
import { BootAgentError } from '../errors.ts'
import { findMetafile } from '../state/metafile.ts'
import type { AgentRecord } from '../state/metafile-schema.ts'
import { agentPaths, type Paths, pathsOf } from '../state/paths.ts'
import type { AgentView } from '../supervise/agent-view.ts'
import { lookAt } from '../supervise/look.ts'
import { readBootId, startedAt } from '../supervise/process-identity.ts'
import { DEFAULT_POLICY, describeEnding } from '../supervise/restart-policy.ts'
import { askDaemon, isAbsent } from './ask-daemon.ts'
import type { Options } from './options.ts'

type Where = Pick<Options, 'home' | 'run'>

/** The picture that the daemon of this host has; without a daemon what the disk and /proc say; undefined on a host without a metafile. */
export async function takePicture({ home, run }: Where, version: string): Promise<HostPicture | undefined> {
  const paths = pathsOf(home, run)
  try {
    return (await ask(paths.control, '/status')) as HostPicture
  } catch (error) {
    if (!isAbsent(error)) throw error
    return fromDisk(paths, version)
  }
}

/** The same of one agent, with its last words if a daemon is there to tell. */
export async function takeAgentPicture(
  picture: HostPicture,
  { home, run }: Where,
  name: string,
): Promise<AgentPicture | undefined> {
  const found = picture.agents.find((agent) => agent.name === name)
  if (found === undefined || !picture.running) return found
  return (await ask(pathsOf(home, run).control, `/agents/${name}`)) as AgentPicture
}

/** How long a picture may take, in milliseconds: a host with a hundred agents under load is slow, not dead. */
const PATIENCE = 30_000

/** The daemon is of this very version, or one before it: what it adds is shown by machines only, what it lacks it says itself. */
async function ask(socket: string, path: string): Promise<unknown> {
  const reply = await askDaemon(socket, { method: 'GET', path, patience: PATIENCE })
  if (reply.kind === 'refused') throw new BootAgentError('no-daemon', `BootAgent would not say: ${reply.message}`)
  return reply.value
}

/** True with or without a daemon; but why something waits, and for how long, only a daemon knows. */
async function fromDisk(paths: Paths, version: string): Promise<HostPicture | undefined> {
  const found = await findMetafile(paths)
  if (found.kind === 'absent') return undefined
  const { metafile } = found
  const bootid = readBootId()
  return hostPicture({
    metafile,
    views: new Map(Object.entries(metafile.agents).map(([name, record]) => [name, viewOf({ paths, bootid, name }, record)])),
    usage: new Map(),
    particulars: () => ({}),
    policy: DEFAULT_POLICY,
    paths,
    host: { running: false, version, bootid, uptime: 0 },
    now: Math.floor(systemClock.now() / 1000),
    uptime: systemClock.uptime(),
  })
}

function viewOf({ paths, bootid, name }: { paths: Paths; bootid: string; name: string }, record: AgentRecord): AgentView {
  const place = { directory: agentPaths(paths, name).attempts, bootid, agent: name }
  const { main, attempt } = lookAt(place, { isRecorded: ({ id }) => record.exits.some((exit) => exit.attempt === id) })
  if (main !== undefined && attempt !== undefined) {
    const uptime = Math.max(0, systemClock.uptime() - startedAt(main))
    return { state: 'running', reason: 'its process runs', pid: main.pid, attempt: attempt.id, release: attempt.release, uptime }
  }
  const exit = record.exits.at(-1)
  const reason = exit === undefined ? 'it was never started' : `the last one ${describeEnding(exit)}`
  return {
    state: record.fatal ? 'fatal' : 'stopped',
    reason,
    uptime: 0,
    ...(exit?.cause === undefined ? {} : { cause: exit.cause }),
  }
}
