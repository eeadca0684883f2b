import { type Clock, crashPoint, type Log } from '@bootagent/runtime'
import { type AgentRecord, changeAgent, type Reducer } from '../state/metafile-schema.ts'
import { agentPaths, type Paths } from '../state/paths.ts'
import { ACTS, type Act } from './agent-state.ts'
import type { AgentView } from './agent-view.ts'
import { type Alarm, createAlarm } from './alarm.ts'
import { readAttempts, spreadOf } from './attempt.ts'
import { type EndOutcome, endAgent } from './end-agent.ts'
import { endingOf, isOnRecord, type LastSeen, readStatus, recordExit } from './exit-record.ts'
import type { Sighting } from './find-processes.ts'
import type { Happening } from './happening.ts'
import { launch } from './launch.ts'
import type { Ledger } from './ledger.ts'
import { type AttemptsPlace, type Look, lookAt } from './look.ts'
import { noticeOf } from './notice.ts'
import { createNoticeBoard } from './notice-board.ts'
import { type Proof, proveStart } from './prove-start.ts'
import { describeEnding, policyFor, type RestartPolicy } from './restart-policy.ts'
import { createSingleFile } from './single-file.ts'
import { createTeller, type Teller } from './teller.ts'
import { createWatcher, type Watcher } from './watch.ts'
import { type ReasonedWish, wishOf } from './wish.ts'

/** What came of a start that was asked for. */
export type StartOutcome = { readonly kind: 'running'; readonly pid: number } | { readonly kind: 'failed'; readonly why: string }

/** What came of a stop that was asked for. */
export type StopOutcome =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'stuck'; readonly pids: readonly number[]; readonly why: string }

/** What the keepers of a host share. */
export interface KeeperParts {
  readonly paths: Paths
  readonly bootid: string
  readonly ledger: Ledger
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  readonly log: Log
  /** The host's own; a release's settings go over it. */
  readonly policy: RestartPolicy
  readonly environment: (name: string) => Readonly<Record<string, string>>
  readonly announce: (happening: Happening) => void
  /** Aborted when supervision ends: nothing is begun any more, and agents are left as they are. */
  readonly signal: AbortSignal
  /** Told of a fault nobody foresaw. */
  readonly fail: (error: unknown) => void
}

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
  #proving = new AbortController()
  #passAsked = false
  #held = false
  #obstacle: { readonly until: number; readonly why: string } | undefined
  #lastSeen: LastSeen | undefined
  #stuck: Stuck | undefined

  constructor(name: string, parts: KeeperParts) {
    this.#name = name
    this.#parts = parts
    this.#place = { directory: agentPaths(parts.paths, name).attempts, bootid: parts.bootid }
    this.#watcher = createWatcher(() => this.pass(), parts.log)
    this.#alarm = createAlarm(parts.clock, () => this.pass(), parts.fail)
    this.#teller = createTeller(name, parts.announce)
  }

  /** The first look, which takes over what runs already. Nothing is done yet; `scan` may serve several keepers. */
  adopt(scan: () => Sighting[]): Promise<void> {
    return this.#file.run(() => this.#guard(async () => this.#takeOver(scan)))
  }

  /** Asks for a pass, soon: as often as it is asked for while one waits, it is one. */
  pass(): void {
    if (this.#passAsked || this.#parts.signal.aborted) return
    this.#passAsked = true
    this.#file
      .run(() => {
        this.#passAsked = false
        return this.#guard(() => this.#pursue())
      })
      .catch(this.#parts.fail)
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
      const stuck = await this.#pursue(HELD_DOWN)
      if (this.#parts.signal.aborted) return { kind: 'stuck', pids: this.#pids(), why: SUPERVISION_ENDS }
      return stuck === undefined ? { kind: 'stopped' } : { kind: 'stuck', pids: stuck.pids, why: stuck.why }
    })
  }

  view(): AgentView {
    const { since, ...shown } = this.#board.read()
    return { ...shown, uptime: since === undefined ? 0 : Math.max(0, this.#parts.clock.uptime() - since) }
  }

  changed(signal: AbortSignal): Promise<void> {
    return this.#board.changed(signal)
  }

  /** Lets go of everything but the agent. Resolves when what was under way has come to its end. */
  async close(): Promise<void> {
    this.#alarm.off()
    this.#proving.abort()
    this.#watcher.close()
    await this.#file.idle()
  }

  /** What each act of the table does; `again` asks for another look. */
  readonly #acts: Readonly<Record<Act, (seen: Seen) => Promise<'again' | 'rest'>>> = {
    leave: async (seen) => this.#leave(seen),
    start: async () => {
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
    const look = lookAt(this.#place, (attempt) => record === undefined || isOnRecord(record, attempt), how.scan)
    if (look.main !== undefined && look.attempt !== undefined) this.#lastSeen = { attempt: look.attempt.id, at: now }
    // Nobody holds down what is not installed.
    if (record === undefined) this.#held = false
    const policy = policyFor(this.#parts.policy, record?.releases[record.release ?? '']?.restart ?? {})
    const wish = how.wanted ?? this.#wish({ look, record, policy, now })
    this.#board.show(noticeOf(look, wish))
    return { look, wish, record, policy, now }
  }

  #wish({ look, record, policy, now }: Omit<Seen, 'wish'>): ReasonedWish {
    const exit = record?.exits.at(-1)?.attempt ?? ''
    return wishOf({
      record,
      held: this.#held,
      obstacle: this.#obstacle,
      policy,
      last: { requested: look.attempt?.id === exit && look.attempt.stopping, spread: spreadOf(exit) },
      bootid: this.#parts.bootid,
      now,
    })
  }

  #takeOver(scan: () => Sighting[]): void {
    // Watched before it is looked at: what ends after the look is told, what ended before it is seen.
    const latest = readAttempts(this.#place.directory).at(-1)
    if (latest !== undefined) this.#watcher.follow(latest.directory)
    const { look } = this.#look({ scan })
    // Somebody may have asked for its start before it was first looked at.
    if (this.#teller.saidRunning()) return
    this.#teller.found(this.#board.read().state)
    if (look.sight === 'alive') this.#teller.running('agent-adopted', this.#board.read())
  }

  #leave({ wish, policy, now }: Seen): 'rest' {
    this.#stuck = undefined
    if (wish !== MAKE_ROOM) this.#teller.resting(this.#board.read().state, wish)
    this.#wake(Math.min(now + policy.check, wish.until ?? Number.POSITIVE_INFINITY))
    return 'rest'
  }

  async #launch(): Promise<StartOutcome> {
    const { clock, environment, ledger, log, paths, policy, random, signal } = this.#parts
    if (signal.aborted) return { kind: 'failed', why: SUPERVISION_ENDS }
    const record = ledger.read().agents[this.#name]
    const outcome = await launch({
      name: this.#name,
      record,
      place: this.#place,
      paths,
      random: random(),
      environment: environment(this.#name),
      follow: (directory) => this.#watcher.follow(directory),
      log,
    })
    if (outcome.kind === 'launched') {
      this.#teller.moving()
      return outcomeOf(await this.#proveAt(outcome.directory))
    }
    this.#obstacle = { until: clock.uptime() + policy.check, why: outcome.why }
    return { kind: 'failed', why: outcome.why }
  }

  async #prove({ look, policy }: Seen): Promise<'again' | 'rest'> {
    const proof = look.attempt === undefined ? undefined : await this.#proveAt(look.attempt.directory)
    if (proof !== undefined && proof.kind !== 'silent') return 'again'
    this.#wake(this.#parts.clock.uptime() + policy.check)
    return 'rest'
  }

  async #proveAt(directory: string): Promise<Proof> {
    this.#proving = new AbortController()
    const proof = await proveStart(this.#place, directory, this.#proving.signal)
    if (proof.kind !== 'alive') return proof
    crashPoint('start:proven')
    this.#look({})
    this.#teller.running('agent-started', this.#board.read())
    return proof
  }

  /** The record first, then the world: should we die in between, the exit is either known or found again. */
  async #record({ look, now }: Seen): Promise<'again' | 'rest'> {
    const { announce, clock, ledger, policy } = this.#parts
    const { attempt } = look
    if (attempt === undefined) return 'rest'
    crashPoint('exit:seen')
    const ending = endingOf(attempt, this.#lastSeen, now)
    await ledger.change(recordExit(this.#name, { attempt, ending, policy, time: Math.floor(clock.now() / 1000) }))
    crashPoint('exit:recorded')
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
      this.#announceStuck(this.#stuck)
    }
    this.#wake(this.#stuck.until)
    return 'rest'
  }

  #announceStuck({ pids, why }: Stuck): void {
    if (!this.#parts.signal.aborted) this.#parts.announce({ kind: 'agent-stuck', name: this.#name, pids, why })
  }

  #pids(): number[] {
    const { pid } = this.#board.read()
    return pid === undefined ? [] : [pid]
  }

  /** Looks again at `at` (seconds since boot), and not at the time that was set before. */
  #wake(at: number): void {
    if (!this.#parts.signal.aborted) this.#alarm.set(at)
  }

  /** What the system refuses for one agent must not end the supervision of the others: it is said, and tried again. */
  async #guard(task: () => Promise<unknown>): Promise<void> {
    try {
      await task()
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error
      this.#parts.log.error({ err: error, name: this.#name }, 'the agent cannot be looked after now')
      this.#wake(this.#parts.clock.uptime() + this.#parts.policy.check)
    }
  }
}

const HELD_DOWN: ReasonedWish = { wish: 'down', reason: 'stopped until it is started' }
/** For a moment only, between two attempts: nobody needs to be told of it. */
const MAKE_ROOM: ReasonedWish = { wish: 'down', reason: 'ended for another start' }
const SUPERVISION_ENDS = 'BootAgent is being stopped'

/** What a shell says by these of a program it could not become. */
const MEANINGS: Readonly<Record<number, string>> = {
  125: ': it could not be prepared',
  126: ': the program is not executable',
  127: ': the program, or what it needs to run, is missing',
}

function outcomeOf(proof: Proof): StartOutcome {
  if (proof.kind === 'alive') return { kind: 'running', pid: proof.pid }
  if (proof.kind === 'silent') return { kind: 'failed', why: proof.why }
  return { kind: 'failed', why: `it ${describeEnding(readStatus(proof.status))} at once${MEANINGS[proof.status] ?? ''}` }
}

/** Somebody asks for the agent: it is wanted, and what it did before is not held against it. */
function forgive(name: string): Reducer {
  return (metafile) => {
    const agent = metafile.agents[name]
    if (agent === undefined || (agent.wanted === 'running' && agent.strikes === 0 && !agent.fatal)) return metafile
    return changeAgent(name, (before) => ({ ...before, wanted: 'running', strikes: 0, fatal: false }))(metafile)
  }
}
