import { crashPoint } from '@bootagent/runtime'
import { createHealthWatch, type HealthWatch } from '../health/health-watch.ts'
import { type AgentRecord, changeAgent, type Reducer } from '../state/metafile-schema.ts'
import { lacksDescriptors } from '../shortage.ts'
import { agentPaths } from '../state/paths.ts'
import { alike } from '../state/releases.ts'
import { ACTS, type Act } from './agent-state.ts'
import type { AgentView } from './agent-view.ts'
import { type Alarm, createAlarm } from './alarm.ts'
import { reconcileLimits } from './apply-limits.ts'
import {
  type Attempt,
  type Forced,
  isRequested,
  markReady,
  markRelease,
  markStopping,
  readAttempts,
  spreadOf,
} from './attempt.ts'
import { findBusy } from './busy.ts'
import { type EndOutcome, endAgent } from './end-agent.ts'
import { countRestart, endingOf, followsFailure, isOnRecord, type LastSeen } from './exit-record.ts'
import type { Sighting } from './find-processes.ts'
import { healthSubjectOf } from './health-subject.ts'
import type { KeeperParts, StartOutcome, StopOutcome } from './keeper-parts.ts'
import { lastWords } from './last-words.ts'
import { launch } from './launch.ts'
import { type LimitsInForce, readLimitsInForce } from './limits-in-force.ts'
import { type AttemptsPlace, type Look, lookAt } from './look.ts'
import { noticeOf } from './notice.ts'
import { createNoticeBoard } from './notice-board.ts'
import { type Proof, proveStart } from './prove-start.ts'
import { recordEnding, recordStuck } from './record-ending.ts'
import { policyFor, type RestartPolicy } from './restart-policy.ts'
import { createSingleFile } from './single-file.ts'
import { outcomeOf } from './start-outcome.ts'
import { createTeller, type Teller } from './teller.ts'
import { createWatcher, type Watcher } from './watch.ts'
import { type ReasonedWish, wishOf } from './wish.ts'

/** One look, and what was wanted at that moment. */
interface Seen {
  readonly look: Look
  readonly wish: ReasonedWish
  readonly record: AgentRecord | undefined
  readonly policy: RestartPolicy
  readonly now: number
}

/** Processes that could not be ended, and when (seconds since boot) it is tried again unasked. */
type Stuck = Extract<EndOutcome, { kind: 'stuck' }> & { readonly until: number }

/** Keeps one agent as it is wanted: looks, decides by the table of agent-state.ts, acts, and looks again. One thing at a time. */
export class Keeper {
  readonly #name: string
  readonly #parts: KeeperParts
  readonly #place: AttemptsPlace
  readonly #board = createNoticeBoard({ state: 'stopped', reason: 'not yet looked at' })
  readonly #file = createSingleFile()
  readonly #watcher: Watcher
  readonly #alarm: Alarm
  readonly #teller: Teller
  readonly #health: HealthWatch
  #proving = new AbortController()
  #passAsked = false
  #held = false
  #obstacle: { readonly until: number; readonly why: string } | undefined
  #lastSeen: LastSeen | undefined
  #stuck: Stuck | undefined
  #condemned: { readonly attempt: string; readonly forced: Forced } | undefined
  /** What its attempt was put under, as it was last read. */
  #inForce: { readonly attempt: string; readonly limits: LimitsInForce | undefined } | undefined
  /** The attempt whose health is watched. */
  #watched: string | undefined

  constructor(name: string, parts: KeeperParts) {
    this.#name = name
    this.#parts = parts
    const { bootid, clock, driver, fail, probe } = parts
    this.#place = { directory: agentPaths(parts.paths, name).attempts, bootid, agent: name, driver }
    this.#watcher = createWatcher(() => this.pass(), parts.log)
    this.#alarm = createAlarm(clock, () => this.pass(), fail)
    this.#teller = createTeller(name, parts.announce)
    this.#health = createHealthWatch({
      clock,
      probe,
      fail,
      ready: (attempt) => this.#ready(attempt),
      sick: (attempt, cause, detail) => this.condemn(attempt, { cause, detail }),
    })
  }

  /** The first look, which takes over what runs already. Nothing is done yet; `scan` may serve several keepers. */
  adopt(scan: () => Sighting[]): Promise<void> {
    return this.#file.run(() => this.#guard(async () => this.#takeOver(scan)))
  }

  /** Asks for a pass, soon: as often as it is asked for while one waits, it is one. */
  pass(): void {
    if (this.#passAsked || this.#parts.signal.aborted) return
    this.#passAsked = true
    this.#inTurn(() => {
      this.#passAsked = false
      return this.#pursue()
    })
  }

  /** Looks now, and does what that asks for. Resolves when there is nothing more to do. */
  lookAgain(): Promise<void> {
    return this.#file.run(() => this.#guard(() => this.#pursue()))
  }

  /** Ends what runs, and starts the current release. What went before is forgiven. */
  start(): Promise<StartOutcome> {
    return this.#file.run(async () => {
      this.#held = false
      this.#obstacle = undefined
      this.#stuck = undefined
      const stuck = await this.#pursue(MAKE_ROOM)
      if (stuck !== undefined) return { kind: 'failed', why: `processes of it are left and ${stuck.why}` }
      await this.#parts.ledger.change(forgive(this.#name))
      const outcome = await this.#launch()
      // Whatever came of it, the next look sees it and sets the alarm.
      this.pass()
      return outcome
    })
  }

  /** Ends what runs, and holds it down until it is started. */
  stop(): Promise<StopOutcome> {
    // At once, for what may be under way; and again in its turn, after a start that was asked for before.
    this.#held = true
    this.#proving.abort()
    return this.#file.run(async () => {
      this.#held = true
      this.#stuck = undefined
      const stuck = await this.#pursue(HELD_DOWN).catch((error: unknown) => this.#giveUp(error))
      if (this.#parts.signal.aborted) return { kind: 'stuck', pids: this.#pids(), why: SUPERVISION_ENDS }
      // Who asked will do nothing more, so nobody would ever lift the hold: once they are gone, the metafile's word counts.
      if (stuck !== undefined) this.#held = false
      return stuck === undefined ? { kind: 'stopped' } : { kind: 'stuck', pids: stuck.pids, why: stuck.why }
    })
  }

  /** Who asked is told, and will do nothing more: the metafile's word counts again. */
  #giveUp(error: unknown): never {
    this.#held = false
    this.pass()
    throw error
  }

  /** Ends an attempt that may not go on, as a failure of its own; one that is over already is left alone. */
  condemn(attempt: string, forced: Forced): void {
    this.#inTurn(async () => {
      const { look } = this.#look({})
      if (look.attempt?.id !== attempt || look.main === undefined || look.attempt.stopping) return
      // Whoever condemns says so once: should the mark be refused now, the next look makes it.
      this.#condemned = { attempt, forced }
      await this.#pursue()
    })
  }

  /** Holds what runs to the limits that are on record now. */
  applyLimits(): Promise<void> {
    return this.#file.run(() =>
      this.#guard(async () => {
        this.#reconcileLimits(this.#look({}))
        this.#look({})
      }),
    )
  }

  /** What came of the last health check; undefined where none is made. */
  health(): ReturnType<HealthWatch['result']> {
    return this.#health.result()
  }

  /** The limits its running attempt was put under; undefined when none runs. The disk is asked once, and again after a change. */
  limits(): LimitsInForce | undefined {
    const { attempt } = this.#board.read()
    if (attempt === undefined) return undefined
    if (this.#inForce?.attempt !== attempt) {
      this.#inForce = { attempt, limits: readLimitsInForce(`${this.#place.directory}/${attempt}`) }
    }
    return this.#inForce.limits
  }

  /** What keeps its work from being interrupted; undefined when nothing does. */
  busy(): string | undefined {
    const { attempt } = this.#board.read()
    return attempt === undefined ? undefined : findBusy(`${this.#place.directory}/${attempt}`)
  }

  /** As of `now`, in seconds since boot. */
  view(now: number): AgentView {
    const { since, ...shown } = this.#board.read()
    return { ...shown, uptime: since === undefined ? 0 : Math.max(0, now - since) }
  }

  changed(signal: AbortSignal): Promise<void> {
    return this.#board.changed(signal)
  }

  /** Lets go of everything but the agent. Resolves when what was under way has come to its end. */
  async close(): Promise<void> {
    this.#alarm.off()
    this.#proving.abort()
    this.#watcher.close()
    this.#health.close()
    await this.#file.idle()
  }

  /** What each act of the table does; `again` asks for another look. */
  readonly #acts: Readonly<Record<Act, (seen: Seen) => Promise<'again' | 'rest'>>> = {
    leave: async (seen) => this.#leave(seen),
    start: async ({ record }) => {
      await this.#countRestart(record)
      await this.#launch()
      return 'again'
    },
    prove: (seen) => this.#prove(seen),
    record: (seen) => this.#record(seen),
    end: (seen) => this.#end(seen),
  }

  /** Looks and acts until there is nothing more to do now; answers with what could not be ended. */
  async #pursue(wanted?: ReasonedWish): Promise<Stuck | undefined> {
    for (let going: 'again' | 'rest' = 'again'; going === 'again' && !this.#parts.signal.aborted; ) {
      const seen = this.#look({ wanted })
      going = await this.#acts[ACTS[seen.wish.wish][seen.look.sight]](seen)
    }
    return this.#stuck
  }

  #look(how: { wanted?: ReasonedWish | undefined; scan?: () => Sighting[] }): Seen {
    const now = this.#parts.clock.uptime()
    const record = this.#parts.ledger.read().agents[this.#name]
    const current = record?.releases[record.release ?? '']
    const look = lookAt(this.#place, {
      isRecorded: (attempt) => record === undefined || isOnRecord(record, attempt),
      hasHealth: (attempt) => record?.releases[attempt.release]?.health !== undefined,
      ...(how.scan === undefined ? {} : { scan: how.scan }),
    })
    if (look.main !== undefined && look.attempt !== undefined) this.#lastSeen = { attempt: look.attempt.id, at: now }
    // Nobody holds down what is not installed.
    if (record === undefined) this.#held = false
    const policy = policyFor(this.#parts.policy, current?.restart ?? {})
    const wish = how.wanted ?? this.#wish({ look, record, policy, now })
    this.#board.show(noticeOf({ look, wish, record }))
    this.#watchHealth(look, record)
    return { look, wish, record, policy, now }
  }

  #wish({ look, record, policy, now }: Omit<Seen, 'wish'>): ReasonedWish {
    const exit = record?.exits.at(-1)?.attempt ?? ''
    return wishOf({
      record,
      held: this.#held,
      obstacle: this.#obstacle,
      policy,
      last: { requested: look.attempt?.id === exit && isRequested(look.attempt), spread: spreadOf(exit) },
      bootid: this.#parts.bootid,
      now,
    })
  }

  #takeOver(scan: () => Sighting[]): void {
    // Watched before it is looked at: what ends after the look is told, what ended before it is seen.
    const latest = readAttempts(this.#place.directory).at(-1)
    if (latest !== undefined) this.#follow(latest)
    const before = this.#look({ scan })
    const { look } = this.#reconcileLimits(before) ? this.#look({}) : before
    // Somebody may have asked for its start before it was first looked at.
    if (this.#teller.saidRunning()) return
    this.#teller.found(this.#board.read().state)
    if (look.sight === 'alive') this.#teller.running('agent-adopted', this.#board.read())
  }

  #leave({ look, wish, policy, record, now }: Seen): 'again' | 'rest' {
    this.#stuck = undefined
    if (look.main !== undefined && look.attempt !== undefined && this.#mayNotGoOn(look.attempt)) return 'again'
    // Nobody starts it again, so nobody else would remove them.
    if (record === undefined && look.sight === 'none') this.#removeGroups()
    if (wish !== MAKE_ROOM) this.#teller.resting(this.#board.read().state, wish)
    this.#wake(Math.min(now + policy.check, wish.until ?? Number.POSITIVE_INFINITY))
    return 'rest'
  }

  async #countRestart(record: AgentRecord | undefined): Promise<void> {
    if (record === undefined || !followsFailure(record, this.#parts.bootid)) return
    await this.#parts.ledger.change(countRestart(this.#name, record.restarts + 1))
  }

  async #launch(): Promise<StartOutcome> {
    const { clock, driver, environment, ledger, log, paths, policy, random, signal } = this.#parts
    if (signal.aborted) return { kind: 'failed', why: SUPERVISION_ENDS }
    const record = ledger.read().agents[this.#name]
    const outcome = await launch({
      name: this.#name,
      record,
      place: this.#place,
      driver,
      paths,
      random: random(),
      now: clock.uptime(),
      environment: environment(this.#name),
      follow: (attempt) => this.#follow(attempt),
      log,
    })
    if (outcome.kind === 'launched') {
      this.#teller.moving()
      return outcomeOf(await this.#proveAt(outcome.directory))
    }
    this.#obstacle = { until: clock.uptime() + policy.check, why: outcome.why }
    return { kind: outcome.passing ? 'hindered' : 'failed', why: outcome.why }
  }

  async #prove({ look, policy }: Seen): Promise<'again' | 'rest'> {
    const proof = look.attempt === undefined ? undefined : await this.#proveAt(look.attempt.directory)
    if (proof !== undefined && proof.kind !== 'silent') return 'again'
    this.#wake(this.#parts.clock.uptime() + policy.check)
    return 'rest'
  }

  async #proveAt(directory: string): Promise<Proof> {
    this.#proving = new AbortController()
    // Asked for while the process was being made.
    if (this.#held || this.#parts.signal.aborted) this.#proving.abort()
    const proof = await proveStart(this.#place, directory, this.#proving.signal)
    if (proof.kind !== 'alive') return proof
    crashPoint('start:proven')
    const { look } = this.#look({})
    // A scope of systemd is made by the one who is started in it: by now it is there.
    if (look.attempt !== undefined) this.#follow(look.attempt)
    this.#teller.running('agent-started', this.#board.read())
    return proof
  }

  /** The record first, then the world: should we die in between, the exit is either known or found again. */
  async #record({ look, now }: Seen): Promise<'again' | 'rest'> {
    const { announce, clock, driver, ledger, log, paths, policy } = this.#parts
    const { attempt } = look
    if (attempt === undefined) return 'rest'
    crashPoint('exit:seen')
    const group = { agent: this.#name, attempt: attempt.id }
    // Whatever cannot become its program is refused in so many words: any other end is the program's own.
    const became = attempt.refused === undefined
    const ending = endingOf(attempt, {
      seen: this.#lastSeen,
      now,
      oomKills: driver.reckon(group, ['oomKills'])?.oomKills,
      became,
    })
    const told = { tail: lastWords(agentPaths(paths, this.#name).log, log), policy, time: Math.floor(clock.now() / 1000) }
    await ledger.change(recordEnding(this.#name, { attempt, ending, ...told }))
    crashPoint('exit:recorded')
    // What it counted is on record. Should it not go yet, the next start removes it.
    driver.remove(group)
    const exit = ledger.read().agents[this.#name]?.exits.at(-1)
    if (exit !== undefined) announce({ kind: 'agent-exited', name: this.#name, exit })
    this.#teller.moving()
    return 'again'
  }

  async #end({ look, policy, now }: Seen): Promise<'again' | 'rest'> {
    if (this.#stuck === undefined || now >= this.#stuck.until) {
      const { clock, signal } = this.#parts
      const outcome = await endAgent({ place: this.#place, grace: policy.grace, clock, signal }, look)
      this.#stuck = outcome.kind === 'ended' ? undefined : { ...outcome, until: clock.uptime() + policy.check }
      if (this.#stuck === undefined) return 'again'
      await this.#tellStuck(this.#stuck, look.attempt?.id ?? `none ${Math.floor(now)}`)
    }
    this.#wake(this.#stuck.until)
    return 'rest'
  }

  async #tellStuck({ pids, why }: Stuck, attempt: string): Promise<void> {
    const { announce, clock, ledger, signal } = this.#parts
    if (signal.aborted) return
    await ledger.change(recordStuck({ name: this.#name, attempt, pids, why, now: Math.floor(clock.now() / 1000) }))
    announce({ kind: 'agent-stuck', name: this.#name, pids, why })
  }

  /** Marks what is to be ended, by its cause. */
  #mayNotGoOn(attempt: Attempt): boolean {
    if (this.#condemned?.attempt !== attempt.id || attempt.stopping) return this.#maimed(attempt)
    markStopping(attempt, this.#condemned.forced)
    crashPoint('condemn:marked')
    return true
  }

  /** An agent that lost a process to its memory limit is not what it seems; where the kernel killed but one, the others go too. */
  #maimed(attempt: Attempt): boolean {
    if (attempt.stopping) return false
    const kills = this.#parts.driver.reckon({ agent: this.#name, attempt: attempt.id }, ['oomKills'])?.oomKills ?? 0
    if (kills === 0) return false
    const detail = `${kills} of its processes killed by the kernel at its memory limit, the others by us`
    markStopping(attempt, { cause: 'oom', detail })
    return true
  }

  /** Holds what runs to the limits on record; true when it runs by another release since. */
  #reconcileLimits({ look: { attempt, main }, record }: Pick<Seen, 'look' | 'record'>): boolean {
    if (attempt === undefined || main === undefined || record === undefined) return false
    // Where the current release differs by its limits alone, what runs is made to run by it.
    const current = record.release ?? ''
    const release = alike(record.releases, attempt.release, current) ? current : attempt.release
    const limits = record.releases[release]?.limits
    if (limits === undefined) return false
    reconcileLimits(this.#parts.driver, { agent: this.#name, attempt, pid: main.pid }, limits)
    this.#inForce = undefined
    if (release === attempt.release) return false
    // After the limits: should we die in between, they are put in force once more.
    markRelease(attempt.directory, release)
    return true
  }

  #removeGroups(): void {
    const { driver } = this.#parts
    for (const attempt of driver.attemptsOf(this.#name)) driver.remove({ agent: this.#name, attempt })
  }

  #follow({ id, directory }: Pick<Attempt, 'id' | 'directory'>): void {
    this.#watcher.follow(directory, this.#parts.driver.eventsFile({ agent: this.#name, attempt: id }))
  }

  #watchHealth({ sight, attempt, main }: Look, record: AgentRecord | undefined): void {
    const health = record?.releases[attempt?.release ?? '']?.health
    const watched = health !== undefined && (sight === 'unready' || sight === 'alive') ? attempt : undefined
    if (watched?.id === this.#watched) return
    this.#watched = watched?.id
    const { environment, paths } = this.#parts
    const facts = { name: this.#name, record, main, paths, environment: () => environment(this.#name) }
    this.#health.follow(watched === undefined ? undefined : healthSubjectOf(watched, facts))
  }

  #ready(attempt: string): void {
    this.#inTurn(async () => {
      const { look } = this.#look({})
      if (look.attempt?.id !== attempt || look.sight !== 'unready') return
      markReady(look.attempt.directory)
      await this.#pursue()
    })
  }

  #pids(): number[] {
    const { pid } = this.#board.read()
    return pid === undefined ? [] : [pid]
  }

  /** Looks again at `at` (seconds since boot), and not at the time that was set before. */
  #wake(at: number): void {
    if (!this.#parts.signal.aborted) this.#alarm.set(at)
  }

  /** When its turn has come; a fault that nobody foresaw is told. */
  #inTurn(task: () => Promise<unknown>): void {
    this.#file.run(() => this.#guard(task)).catch(this.#parts.fail)
  }

  /** What the system refuses for one agent must not end the supervision of the others: it is said, and tried again. */
  async #guard(task: () => Promise<unknown>): Promise<void> {
    try {
      await task()
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error
      const { clock, log, policy } = this.#parts
      log.error({ err: error, name: this.#name }, 'the agent cannot be looked after now')
      // An agent that was being stopped may be down by now, and nothing else is in the way of its next start.
      this.#wake(clock.uptime() + (lacksDescriptors(error) ? Math.min(policy.check, SOON) : policy.check))
    }
  }
}

const HELD_DOWN: ReasonedWish = { wish: 'down', reason: 'stopped until it is started' }
/** For a moment only, between two attempts: nobody needs to be told of it. */
const MAKE_ROOM: ReasonedWish = { wish: 'down', reason: 'ended for another start' }
/** Seconds until an agent is looked at that could not be looked at for want of a descriptor: others give theirs back at any moment. */
const SOON = 5
const SUPERVISION_ENDS = 'BootAgent is being stopped'

/** Somebody asks for the agent: it is wanted, and what it did before is not held against it. */
function forgive(name: string): Reducer {
  return (metafile) => {
    const agent = metafile.agents[name]
    if (agent === undefined || (agent.wanted === 'running' && agent.strikes === 0 && !agent.fatal)) return metafile
    return changeAgent(name, (before) => ({ ...before, wanted: 'running', strikes: 0, fatal: false }))(metafile)
  }
}
