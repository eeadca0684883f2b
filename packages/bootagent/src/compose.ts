import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { KILLED_CAUSES } from '@bootagent/protocol'
import { type Clock, createDoorbell, type FileLock, type Log, RuntimeError, type Service } from '@bootagent/runtime'
import { createAgent } from './agent.ts'
import { createCallingOff } from './calling-off.ts'
import { type Care, composeCare } from './compose-care.ts'
import { createControlServer } from './control/control-server.ts'
import { type DaemonPicture, type HostPicture, hostPicture } from './control/picture.ts'
import { drainAtEnd } from './drain.ts'
import { BootAgentError } from './errors.ts'
import { pointLinks } from './execute/links.ts'
import { createRates } from './execute/rates.ts'
import { createSlots, createTurns } from './execute/slots.ts'
import { sweepTemporary } from './execute/sweep.ts'
import type { Tools, WorkerTools } from './execute/tools.ts'
import { type Announce, announceTo, type Happening } from './happening.ts'
import { toldProgress } from './job/told-progress.ts'
import type { Config } from './local/config.ts'
import { readHostFacts, readMachineFacts } from './local/host-facts.ts'
import { lockHome } from './local/lock.ts'
import { removePidFile, writePidFile } from './local/pid-file.ts'
import { proxiesIn } from './local/proxies.ts'
import { openHome } from './local/open-home.ts'
import { AGAIN, createLeaving, type LeaveCode, type Leaving } from './leaving.ts'
import { createOrders, type Orders } from './orders.ts'
import { createOwnTrial, type OwnTrial } from './own/own-trial.ts'
import { readSlots } from './own/slots.ts'
import { type Conversation, type ConversationParts, createConversation } from './remote/conversation.ts'
import { createHearing } from './remote/hearing.ts'
import type { ReportFacts } from './remote/report.ts'
import { settle } from './settle.ts'
import { createSettling } from './settling.ts'
import { openOrBegin } from './state/first-start.ts'
import { firstIdentity } from './state/identity.ts'
import type { MetafileStore } from './state/metafile.ts'
import { isOnTrial, type Slot } from './state/own-slots.ts'
import type { Paths } from './state/paths.ts'
import { createLedger, type Ledger } from './supervise/ledger.ts'
import { readBootId } from './supervise/process-identity.ts'
import { DEFAULT_POLICY, policyFor } from './supervise/restart-policy.ts'
import type { Walk } from './walk.ts'
import type { Proxies } from './worker/request.ts'
import { runInWorker } from './worker/spawn-worker.ts'

/** What a BootAgent is made of; all of it decided before. */
export interface Ingredients {
  readonly paths: Paths
  readonly config: Config
  readonly version: string
  /** The list baked in at build time. */
  readonly baked: string
  /** `-S` and `--agentsn`, which count at first start only. */
  readonly servers: string | undefined
  readonly agentsn: string | undefined
  /** The slot it was started from by its guard, undefined without one; and what another executable is tested with. */
  readonly own: { readonly running: Slot | undefined; readonly options: readonly string[] }
  /** The process that would start it again, if one would. */
  readonly guard: () => number | undefined
  /** How this program is run again as a worker. */
  readonly worker: WorkerTools['program']
  /** Where its process id is written while it is in control. */
  readonly pidFile: string | undefined
  /** What another one would have to be started with to be like this one. */
  readonly startedWith: readonly string[]
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  /** Told of everything that happens, besides the log. */
  readonly listeners: readonly Announce[]
}

/** A BootAgent that holds its home and has its metafile open, ready to be started. */
export interface BootAgent extends Service {
  readonly metafile: MetafileStore
  /** Resolves when it is to end because something in it asked for that; it goes on until it is stopped. */
  readonly leaving: Promise<LeaveCode>
}

/** Builds every shell and hands them out; the only file that does. Throws BootAgentError when this home cannot be run. */
export async function compose(ingredients: Ingredients): Promise<BootAgent> {
  const { paths, log } = ingredients
  await openHome(paths)
  const lock = lockHome(paths)
  try {
    const opened = await openMetafileOf(ingredients)
    await sweepTemporary(paths)
    await pointAllLinks(ingredients, opened)
    const leaving = createLeaving()
    const { walk, orders, care, trial } = composeWalk(ingredients, createLedger(opened, log), leaving)
    const beside = [care.service, composeControl(ingredients, { walk, orders, care, leaving }), trial.service]
    const agent = createAgent(walk, beside, drainAtEnd(care.supervisor, leaving.draining, log))
    return { ...holding(lock, ingredients.pidFile, agent), metafile: opened, leaving: leaving.asked }
  } catch (error) {
    lock.release()
    throw error
  }
}

async function openMetafileOf({ paths, config, baked, servers, agentsn, clock, log }: Ingredients): Promise<MetafileStore> {
  const identity = () => firstIdentity(readMachineFacts(), agentsn, randomUUID())
  const opened = await openOrBegin(paths, { identity, servers, baked, step: config.step }, Math.floor(clock.now() / 1000))
  log.info({ how: opened.how, agentsn: opened.metafile.read().identity.agentsn }, opened.how)
  if (opened.serversIgnored) log.warn('-S counts at first start only and is ignored: this host has its servers in the metafile')
  return opened.metafile
}

/** They are for people: an agent whose directory somebody has deleted must not keep the others from being looked after. */
async function pointAllLinks({ paths, log }: Ingredients, metafile: MetafileStore): Promise<void> {
  for (const [name, agent] of Object.entries(metafile.read().agents)) {
    await pointLinks(paths, name, agent).catch((error: unknown) => {
      if (!(error instanceof RuntimeError)) throw error
      log.warn({ agent: name, why: error.message }, 'the links of an agent cannot be made')
    })
  }
}

/** The walk, and what goes on beside it. */
interface Composed {
  readonly walk: Walk
  readonly orders: Orders
  readonly care: Care
  readonly trial: OwnTrial
}

function composeWalk(ingredients: Ingredients, ledger: Ledger, { leave }: Leaving): Composed {
  const metafile = ledger.store
  const { config, clock, random, log, listeners } = ingredients
  const [toTell, toDo] = [createDoorbell(), createDoorbell()]
  const ringWhenUrgent: Announce = (happening) => (isUrgent(happening) ? toTell.ring() : undefined)
  const orders = createOrders({ metafile, clock, toDo, announce: (happening) => announce(happening), newId: randomUUID })
  const announce = announceTo(log, [...listeners, ringWhenUrgent, orders.hear, (happening) => trial.hear(happening)])
  const trial = createOwnTrial({
    paths: ingredients.paths,
    metafile,
    version: ingredients.version,
    running: ingredients.own.running,
    seconds: config.ownTrial,
    clock,
    leave,
    announce,
  })
  const progress: Walk['progress'] = new Map()
  const callingOff = createCallingOff({ metafile, announce, toTell })
  const care = composeCare(ingredients, ledger, announce)
  const { supervisor } = care
  const settling = createSettling({
    settle: (answered) => settle({ metafile, announce, clock, toDo, toTell }, answered),
    ...{ metafile, clock, toTell },
  })
  const conversation = composeConversation(ingredients, metafile, {
    views: () => supervisor.observe(),
    usage: () => care.usage(),
    progress: () => toldProgress(metafile.read(), progress),
    settle: settling.take,
    announce,
  })
  const walk: Walk = {
    tools: composeTools(ingredients, {
      metafile,
      supervisor,
      tryServers: conversation.tryServers,
      callOff: callingOff.callOff,
      lastWords: care.lastWords,
      leave,
      own: { ...ingredients.own, kept: trial.kept },
    }),
    conversation,
    settling,
    hearing: createHearing(),
    announce,
    clock,
    random,
    rules: {
      trialSeconds: config.trial,
      busySeconds: config.busy,
      bootagent: ingredients.version,
      stepRange: { min: config.stepMin, max: config.stepMax },
    },
    pace: paceOf(config, trial),
    progress,
    callingOff,
    toTell,
    toDo,
  }
  return { walk, orders, care, trial }
}

/** A new BootAgent has little time to be answered, and whoever is away may be back at once. */
function paceOf({ retry, gap }: Config, trial: OwnTrial): Walk['pace'] {
  return {
    gap,
    get retry() {
      return trial.isOpen() ? Math.min(retry, TRIAL_RETRY) : retry
    },
  }
}

const TRIAL_RETRY = 15

/** What a conversation is told by the rest of the walk. */
interface ToldBy {
  readonly views: () => ReportFacts['views']
  readonly usage: Care['usage']
  readonly progress: () => ReportFacts['progress']
  readonly settle: ConversationParts['settle']
  readonly announce: Announce
}

function composeConversation(
  { baked, config, version, clock }: Ingredients,
  metafile: MetafileStore,
  { views, usage, progress, settle, announce }: ToldBy,
): Conversation {
  const host = readHostFacts(version)
  const since = clock.uptime()
  return createConversation({
    metafile,
    baked,
    introduction: { hostname: host.hostname, version: host.version, platform: { os: host.os, arch: host.arch } },
    exchange: { connect: config.connect * 1000, whole: config.exchange * 1000, ca: readCa(config.ca) },
    facts: async () => ({
      usage: await usage(),
      metafile: metafile.read(),
      views: views(),
      progress: progress(),
      host,
      uptime: clock.uptime() - since,
      now: Math.floor(clock.now() / 1000),
    }),
    settle,
    onRegistered(server) {
      const { identity, tags } = metafile.read()
      announce({ kind: 'registered', server, agentsn: identity.agentsn, tags })
    },
  })
}

function composeTools(
  { paths, config, version, worker, clock, random, log }: Ingredients,
  made: Pick<Tools, 'metafile' | 'supervisor' | 'tryServers' | 'callOff' | 'lastWords' | 'leave' | 'own'>,
): Tools {
  const { idle, total, tries, pause, rate } = config.download
  const { os, arch } = readHostFacts(version)
  return {
    ...made,
    platform: { os, arch, bootagent: version },
    paths,
    clock,
    log,
    cache: config.cache,
    worker: {
      run: runInWorker,
      program: worker,
      downloads: createSlots(2),
      turns: createTurns(),
      rates: createRates(rate === undefined ? undefined : rate * 1024),
      tls: { ca: config.ca, cert: config.clientCert, key: config.clientKey },
      proxies: proxiesFor(config, log),
      tries: { tries, pause: pause * 1000 },
      random,
      maxPackageBytes: config.maxPackage,
      timeouts: { connect: config.connect * 1000, idle: idle * 1000, total: total * 1000 },
    },
  }
}

/** What the configuration says goes in place of the environment's, not beside it. */
function proxiesFor({ proxy }: Config, log: Log): Proxies {
  if (proxy !== undefined) return proxy
  const { proxies, refused } = proxiesIn(process.env)
  for (const why of refused) log.warn(why)
  return proxies
}

type Controlled = Omit<Composed, 'trial'> & { readonly leaving: Leaving }

function composeControl(ingredients: Ingredients, { walk, orders, care, leaving }: Controlled): Service {
  const { paths, config, version, clock, log, guard, startedWith } = ingredients
  const { metafile, supervisor } = walk.tools
  const { kind, why } = care.driver
  const since = clock.uptime()
  const started = Math.floor(clock.now() / 1000)
  const bootid = readBootId()

  async function daemon(): Promise<DaemonPicture> {
    const [keeper, slots] = [guard(), await readSlots(paths)]
    const { current, fallback } = slots
    return {
      pid: process.pid,
      home: paths.home,
      since: started,
      ...(keeper === undefined ? {} : { guard: keeper }),
      ...(isOnTrial(slots) && current !== undefined && fallback !== undefined ? { trial: { slot: current, fallback } } : {}),
      options: startedWith,
    }
  }

  async function picture(): Promise<HostPicture> {
    return hostPicture({
      usage: await care.usage(),
      metafile: metafile.read(),
      views: supervisor.observe(),
      particulars: care.particulars,
      policy: policyFor(DEFAULT_POLICY, config.restart),
      paths,
      host: {
        running: true,
        version,
        bootid,
        uptime: clock.uptime() - since,
        daemon: await daemon(),
        limits: { kind, why },
        hearing: walk.hearing.read(),
      },
      now: Math.floor(clock.now() / 1000),
      uptime: clock.uptime(),
    })
  }

  return createControlServer({
    ports: {
      picture,
      lastWords: care.lastWords,
      order: orders.order,
      daemon: async () => ({ version, ...(await daemon()) }),
      end: { stop: () => leaving.leave(0), drain: leaving.drain, restart: () => leaving.leave(AGAIN) },
    },
    socket: paths.control,
    metrics: config.metrics,
    clock,
    log,
  })
}

/** What the server is to know at once, not only at the next step. */
function isUrgent(happening: Happening): boolean {
  if (happening.kind !== 'agent-exited') return happening.kind === 'agent-fatal' || happening.kind === 'agent-stuck'
  const { cause } = happening.exit
  return cause !== undefined && KILLED_CAUSES.includes(cause)
}

/** Whoever comes next may have the home, and write the file, when both are let go: first the file, then the home. */
function holding(lock: FileLock, pidFile: string | undefined, agent: Service): Service {
  return {
    ended: agent.ended,
    async start() {
      await agent.start()
      if (pidFile !== undefined) await writePidFile(pidFile)
    },
    async stop() {
      await agent.stop()
      try {
        if (pidFile !== undefined) await removePidFile(pidFile)
      } finally {
        lock.release()
      }
    },
  }
}

function readCa(path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new BootAgentError('usage', `the authorities in ${path} cannot be read: ${(error as Error).message}`, error)
  }
}

/**
 * An executable heeds no NODE_OPTIONS, and has those of the resident built in. A worker gets what spawn-worker.ts gives by
 * environment, and may be quick: it is gone soon.
 */
const WORKER_OPTIONS = '--max-old-space-size=256 --max-semi-space-size=16 --no-optimize-for-size --opt --maglev --sparkplug'

/** How this program is run again as a worker; `main` is the checkout's main file, and a built executable has none. */
export function workerProgram(main: string | undefined): WorkerTools['program'] {
  return { command: process.execPath, args: main === undefined ? [`--node-options=${WORKER_OPTIONS}`] : [main] }
}
