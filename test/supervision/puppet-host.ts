import { execFile, execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import type { DeliverySettings, EventDetail, EventSummary, HostDetail, JobDetail } from '@bootagent/protocol'
import { onTestFinished } from 'vitest'
import { type Metafile, readMetafile } from '../../packages/bootagent/src/state/metafile-schema.ts'
import type { Line, Program } from '../../scripts/demo/program.ts'
import { type Fleet, type HostLike, startFleet } from '../fleet.ts'
import { PUPPET, type Strings, tieStrings } from './puppet.ts'

/** A host whose one agent is `puppet`, as the operator at the server and the one at the host see it. */
export interface PuppetHost extends Pick<Strings, 'tell'> {
  readonly agentsn: string
  /** Its BootAgent; `replace` puts another in its place. */
  readonly daemon: Program
  /** Kills BootAgent with KILL. */
  kill(): Promise<void>
  /** Starts BootAgent, again. */
  start(): Promise<void>
  /** Asks for a delivery, and resolves with its end at the server. */
  deliver(what: Delivery): Promise<Outcome>
  /** Asks for a delivery; `more` are options of the command. Resolves with its id. */
  ask(what: Delivery, ...more: string[]): Promise<string>
  /** Asks for anything else, by what an operator types; resolves with its end. */
  order(...words: string[]): Promise<Outcome>
  /** The job's end at the server. */
  end(id: string): Promise<Outcome>
  /** The job at the server, at the first report after which that is so. */
  seenAt(id: string, isSo: (job: Outcome) => boolean): Promise<Outcome>
  /** The host as the server has it, at the first report after which that is so. */
  told(isSo: (host: HostDetail) => boolean): Promise<HostDetail>
  /** Its events at the server, latest first, when the host has none left to tell; `which` are options of `bootfleet events`. */
  events(...which: string[]): Promise<readonly EventSummary[]>
  event(id: string): Promise<EventDetail>
  metafile(): Metafile
  /** What somebody types at the host; resolves whatever its exit code. */
  type(...args: string[]): Promise<{ readonly code: number; readonly data: string; readonly talk: string }>
}

/** A job that brings the puppet; `settings` go over those it needs. */
export interface Delivery {
  readonly action: 'install' | 'upgrade'
  readonly version: string
  readonly settings: DeliverySettings
}

type Outcome = JobDetail['hosts'][number]

/** Starts a fleet whose server has versions 1.0.0 and 2.0.0 of the puppet. */
export async function startPuppetFleet(): Promise<Fleet> {
  const fleet = await startFleet()
  await publishPuppet(fleet, '1.0.0')
  await publishPuppet(fleet, '2.0.0')
  return fleet
}

/** Gives the server a package whose program is the puppet; each version another package. */
export async function publishPuppet(fleet: Fleet, version: string): Promise<void> {
  const tree = `${fleet.directory}/puppet-${version}`
  mkdirSync(tree)
  cpSync(PUPPET, `${tree}/puppet`)
  writeFileSync(`${tree}/version`, version)
  execFileSync('tar', ['-C', tree, '-czf', `${tree}.tar.gz`, 'puppet', 'version'])
  await fleet.bootfleet('publish', `${tree}.tar.gz`, '--name', 'puppet', '--package-version', version)
}

/** Starts a host, and resolves when the server knows it. */
export async function startPuppetHost(fleet: Fleet, agentsn: string, like: HostLike = {}): Promise<PuppetHost> {
  const strings = tieStrings(`${fleet.directory}/${agentsn}.pipe`)
  onTestFinished(() => strings.cut())
  let daemon = fleet.startHost(agentsn, {}, like)
  onTestFinished(() => daemon.stop('SIGKILL'))
  await daemon.line(isReport)

  const host: PuppetHost = {
    agentsn,
    tell: strings.tell,
    get daemon() {
      return daemon
    },
    kill: () => daemon.stop('SIGKILL'),
    async start() {
      daemon = fleet.startHost(agentsn, {}, like)
      await daemon.line(({ kind }) => kind === 'in-control')
    },
    deliver: async (what) => host.end(await host.ask(what)),
    async ask({ action, version, settings }, ...more) {
      const file = `${fleet.directory}/${agentsn}.settings.json`
      writeFileSync(file, JSON.stringify({ run: { exec: 'puppet', args: [strings.pipe] }, ...settings }))
      return askFor(action, 'puppet', '--package-version', version, '--settings', file, ...more)
    },
    order: async (...words) => host.end(await askFor(...words)),
    end: (id) => host.seenAt(id, ({ state }) => ['succeeded', 'failed'].includes(state)),
    async seenAt(id, isSo) {
      for (;;) {
        const found = (await fleet.job(id)).hosts.find((each) => each.agentsn === agentsn)
        if (found !== undefined && isSo(found)) return found
        await daemon.nextLine(isReport)
      }
    },
    async told(isSo) {
      let seen = await fleet.host(agentsn)
      for (; !isSo(seen); seen = await fleet.host(agentsn)) await daemon.nextLine(isReport)
      return seen
    },
    async events(...which) {
      while (host.metafile().events.length > 0) await daemon.nextLine(isReport)
      const said = await fleet.bootfleet('events', '--host', agentsn, '-n', '100', '--json', ...which)
      return (JSON.parse(said) as { events: EventSummary[] }).events
    },
    event: async (id) => JSON.parse(await fleet.bootfleet('event', id, '--host', agentsn, '--json')) as EventDetail,
    metafile: () => metafileIn(fleet.homeOf(agentsn)),
    type: (...args) => typeAt(fleet.homeOf(agentsn), args),
  }

  async function askFor(...words: string[]): Promise<string> {
    const { id } = JSON.parse(await fleet.bootfleet(...words, '--host', agentsn, '--json')) as { id: string }
    return id
  }

  return host
}

export function isReport({ kind }: Line): boolean {
  return kind === 'reported'
}

/** The record of a home. */
export function metafileIn(home: string): Metafile {
  const reading = readMetafile(readFileSync(`${home}/metafile.json`, 'utf8'))
  if (reading.kind !== 'ok') throw new Error(`the metafile in ${home} is ${reading.kind}`)
  return reading.metafile
}

const MAIN = join(import.meta.dirname, '../../packages/bootagent/src/main.ts')

function typeAt(home: string, args: readonly string[]): ReturnType<PuppetHost['type']> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args, '--home', home], (error, data, talk) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, data, talk })
    })
  })
}
