import { exampleJob, exampleRelease } from './example-metafile.ts'
import type { AgentOnHost, HostState } from '../../src/state/host-state.ts'
import { type AgentRecord, NEW_AGENT, type ReleaseRecord } from '../../src/state/metafile-schema.ts'
import { alike, treeOf } from '../../src/state/releases.ts'
import type { Step, StepKind, StepPayloads } from '../../src/plan/step.ts'

/** What can be seen of a host, and how the process that runs on it was started. */
export interface World {
  readonly host: HostState
  readonly process: ReleaseRecord | undefined
}

/** The world once a step is done: a model of the executors, for asking what a plan made in the middle of another comes to. */
export function afterStep(world: World, step: Step): World {
  const leave = LEAVES[step.kind] as (world: World, payload: Step) => World
  return leave(world, step)
}

/** After a death of ours nobody holds an agent down any more: what is wanted and does not run is started, unless it was given up. */
export function afterRevival(world: World): World {
  const record = world.host.agent?.record
  const rests = record === undefined || record.wanted === 'stopped' || record.release === null || record.fatal
  return rests || world.host.agent?.running !== undefined ? held(world) : started(world, 'revived')
}

/** What runs is held to the limits on record, whatever it was started with; where only those differ it runs by the current release since. */
function held(world: World): World {
  const { record, running } = world.host.agent ?? {}
  if (world.process === undefined || record === undefined || running === undefined) return world
  const current = record.release ?? ''
  const release = alike(record.releases, running.release, current) ? current : running.release
  const process = record.releases[release]
  return { ...withAgent(world, (agent) => ({ ...agent, running: { ...running, release } })), process }
}

type Leaves = { readonly [K in StepKind]: (world: World, payload: StepPayloads[K]) => World }

const LEAVES: Leaves = {
  download: ({ host, ...world }, { digest }) => ({ ...world, host: { ...host, packages: new Set([...host.packages, digest]) } }),
  verify: (world) => world,
  // These are about BootAgent itself, and change nothing of an agent.
  'fill-slot': (world) => world,
  'test-slot': (world) => world,
  'switch-slot': (world) => world,
  leave: (world) => world,
  'await-own-trial': (world) => world,
  'note-own-failure': (world) => world,
  'put-files': (world, { set }) =>
    withAgent(world, (agent) => ({ ...agent, fileSets: new Set([...agent.fileSets, set]), directory: true })),
  'await-free': (world) => world,
  unpack: (world, { release, tree, digest, settings }) =>
    withAgent(world, (agent) => {
      const record = agent.record ?? NEW_AGENT
      const releases = { ...record.releases, [release]: { ...exampleRelease({ digest }), ...treeIn(release, tree), ...settings } }
      const trees = new Set([...agent.trees, tree])
      return {
        ...agent,
        record: { ...record, releases },
        installed: new Set([...agent.installed, release]),
        trees,
        directory: true,
      }
    }),
  stop: (world) => ({ ...withAgent(world, (agent) => ({ ...agent, running: undefined })), process: undefined }),
  activate: (world, { release, trial }) =>
    withRecord(world, (record) => ({
      ...record,
      release,
      previous: record.release,
      strikes: 0,
      fatal: false,
      trial:
        trial === undefined
          ? null
          : { ...trial, release, from: record.release, previous: record.previous, wanted: record.wanted, after: null },
    })),
  configure: (world, { release, like, settings }) =>
    withAgent(world, (agent) => {
      const { record } = agent
      const [base, tree] = [record?.releases[like], treeOf(record?.releases ?? {}, like)]
      if (record === undefined || base === undefined || tree === undefined) return agent
      const { version, digest } = base
      const releases = { ...record.releases, [release]: { version, digest, ...settings, tree } }
      return { ...agent, record: { ...record, releases }, installed: new Set([...agent.installed, release]) }
    }),
  'apply-limits': held,
  want: (world, { wanted }) =>
    withRecord(world, (record) => ({ ...record, wanted, ...(wanted === 'running' ? { strikes: 0, fatal: false } : {}) })),
  start: (world) =>
    started(
      withRecord(world, (record) => ({ ...record, wanted: 'running', strikes: 0, fatal: false })),
      'started',
    ),
  watch: (world) => world,
  'go-back': (world, { to }) =>
    withRecord(world, (record) => ({
      ...record,
      release: to,
      previous: record.trial?.previous ?? null,
      wanted: record.trial?.wanted ?? record.wanted,
      strikes: 0,
      fatal: false,
    })),
  'note-changes': ({ host, ...world }) => {
    const noted = exampleJob({ ...host.jobs['the job'], changes: { count: 0, some: [], partly: false } })
    return { ...world, host: { ...host, jobs: { ...host.jobs, 'the job': noted } } }
  },
  remove: (world, { purge }) =>
    withAgent(world, (agent) => ({ ...agent, record: undefined, installed: new Set(), directory: agent.directory && !purge })),
  'set-step': ({ host, ...world }, { step }) => ({ ...world, host: { ...host, step } }),
  'try-servers': ({ host, ...world }, { list }) => ({ ...world, host: { ...host, svrlist: list } }),
  'call-off': (world) => world,
}

function started(world: World, attempt: string): World {
  const record = world.host.agent?.record
  const release = record?.release ?? ''
  return { ...withAgent(world, (agent) => ({ ...agent, running: { release, attempt } })), process: record?.releases[release] }
}

function treeIn(release: string, tree: string): { tree?: string } {
  return tree === release ? {} : { tree }
}

function withRecord(world: World, change: (record: AgentRecord) => AgentRecord): World {
  return withAgent(world, (agent) => ({ ...agent, record: agent.record === undefined ? undefined : change(agent.record) }))
}

function withAgent({ host, process }: World, change: (agent: AgentOnHost) => AgentOnHost): World {
  return { host: { ...host, agent: host.agent === undefined ? undefined : change(host.agent) }, process }
}
