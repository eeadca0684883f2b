import { healthSettings } from '../../../packages/bootagent/src/health/judge-health.ts'
import { type AgentRecord, changeAgent, type Reducer } from '../../../packages/bootagent/src/state/metafile-schema.ts'
import { ACTS } from '../../../packages/bootagent/src/supervise/agent-state.ts'
import type { AgentView } from '../../../packages/bootagent/src/supervise/agent-view.ts'
import { createAlarm } from '../../../packages/bootagent/src/supervise/alarm.ts'
import { type Attempt, type Forced, isRequested, spreadOf } from '../../../packages/bootagent/src/supervise/attempt.ts'
import { countRestart, endingOf, followsFailure, isOnRecord } from '../../../packages/bootagent/src/supervise/exit-record.ts'
import type { StartOutcome, StopOutcome } from '../../../packages/bootagent/src/supervise/keeper-parts.ts'
import type { Ledger } from '../../../packages/bootagent/src/supervise/ledger.ts'
import type { Look } from '../../../packages/bootagent/src/supervise/look.ts'
import { createNoticeBoard } from '../../../packages/bootagent/src/supervise/notice-board.ts'
import { noticeOf } from '../../../packages/bootagent/src/supervise/notice.ts'
import type { ProcessStat } from '../../../packages/bootagent/src/supervise/process-identity.ts'
import { recordEnding, recordStuck } from '../../../packages/bootagent/src/supervise/record-ending.ts'
import { DEFAULT_POLICY, policyFor, type RestartPolicy } from '../../../packages/bootagent/src/supervise/restart-policy.ts'
import { createSingleFile } from '../../../packages/bootagent/src/supervise/single-file.ts'
import { outcomeOf } from '../../../packages/bootagent/src/supervise/start-outcome.ts'
import { type ReasonedWish, wishOf } from '../../../packages/bootagent/src/supervise/wish.ts'
import type { SupervisorParts } from './supervisor.ts'
import { type Machine, uptimeOf } from './machine.ts'
import { attemptPath, type Program } from './programs.ts'

/** Keeps one agent, as the product's own Keeper does, over simulated programs. */
export interface Keeper {
  adopt(): void
  pass(): void
  start(): Promise<StartOutcome>
  stop(): Promise<StopOutcome>
  lookAgain(): Promise<void>
  busy(): string | undefined
  condemn(attempt: string, forced: Forced): void
  view(now: number): AgentView
  changed(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

interface KeeperParts extends SupervisorParts {
  readonly ledger: Ledger
  readonly signal: AbortSignal
}

interface Seen {
  readonly look: Look
  readonly program: Program | undefined
  readonly wish: ReasonedWish
  readonly record: AgentRecord | undefined
  readonly policy: RestartPolicy
  readonly now: number
}

interface Stuck {
  readonly pids: readonly number[]
  readonly why: string
  readonly until: number
}

export function createKeeper(name: string, parts: KeeperParts): Keeper {
  const { clock, ledger, machine, signal, time } = parts
  const board = createNoticeBoard({ state: 'stopped', reason: 'not yet looked at' })
  const file = createSingleFile()
  const alarm = createAlarm(clock, pass, () => undefined)
  let passAsked = false
  let held = false
  let obstacle: { readonly until: number; readonly why: string } | undefined
  let stuck: Stuck | undefined
  let seenAt: { readonly attempt: string; readonly at: number } | undefined

  /** Who has removed an attempt's directory has made it as if it had never been, unless it lives. */
  function latest(): Program | undefined {
    return machine.programs
      .of(name)
      .findLast((each) => each.end === undefined || machine.disk.findIfThere(attemptPath(each)) !== undefined)
  }

  function pass(): void {
    if (passAsked || signal.aborted) return
    passAsked = true
    void file.run(async () => {
      passAsked = false
      await pursue()
    })
  }

  async function pursue(wanted?: ReasonedWish): Promise<Stuck | undefined> {
    for (let going: 'again' | 'rest' = 'again'; going === 'again' && !signal.aborted; ) {
      const seen = look(wanted)
      going = await act(seen)
    }
    return stuck
  }

  function act(seen: Seen): Promise<'again' | 'rest'> | 'again' | 'rest' {
    switch (ACTS[seen.wish.wish][seen.look.sight]) {
      case 'leave':
        return leave(seen)
      case 'start':
        return startByPolicy(seen)
      case 'record':
        return record(seen)
      case 'end':
        return end(seen)
      case 'prove':
        return 'again'
    }
  }

  function look(wanted?: ReasonedWish): Seen {
    const now = clock.uptime()
    const record = ledger.read().agents[name]
    const program = latest()
    const found = lookAt(program, { machine, record, now: uptimeOf(machine, time) - time.now() / 1000 })
    if (program !== undefined && program.end === undefined) seenAt = { attempt: program.attempt, at: now }
    if (record === undefined) held = false
    const policy = policyFor(DEFAULT_POLICY, record?.releases[record.release ?? '']?.restart ?? {})
    const exit = record?.exits.at(-1)?.attempt ?? ''
    const { attempt } = found
    const last = { requested: attempt?.id === exit && isRequested(attempt), spread: spreadOf(exit) }
    const wish = wanted ?? wishOf({ record, held, obstacle, policy, last, bootid: machine.bootid, now })
    board.show(noticeOf({ look: found, wish, record }))
    return { look: found, program, wish, record, policy, now }
  }

  function leave({ program, wish, policy, record, now }: Seen): 'again' | 'rest' {
    stuck = undefined
    const health = record?.releases[program?.release ?? '']?.health
    let wake = Math.min(now + policy.check, wish.until ?? Number.POSITIVE_INFINITY)
    if (health !== undefined && program !== undefined && program.end === undefined && !program.ready) {
      const age = (time.now() - program.bornAt) / 1000
      const { startup } = healthSettings(health)
      const readyAt = readyAfter(program)
      if (age >= readyAt) {
        program.ready = true
        return 'again'
      }
      if (age >= startup) {
        program.stopping = true
        program.forced = { cause: 'not-ready', detail: `not ready after ${startup} s` }
        return 'again'
      }
      wake = Math.min(wake, now + Math.min(readyAt, startup) - age)
    }
    if (!signal.aborted) alarm.set(wake)
    return 'rest'
  }

  async function startByPolicy({ record }: Seen): Promise<'again'> {
    if (record !== undefined && followsFailure(record, machine.bootid))
      await ledger.change(countRestart(name, record.restarts + 1))
    await launch()
    return 'again'
  }

  async function record({ look: { attempt }, now }: Seen): Promise<'again' | 'rest'> {
    if (attempt === undefined) return 'rest'
    const ending = endingOf(attempt, { seen: seenAt, now, became: attempt.refused === undefined })
    const time = Math.floor(clock.now() / 1000)
    await ledger.change(recordEnding(name, { attempt, ending, tail: [], policy: DEFAULT_POLICY, time }))
    const exit = ledger.read().agents[name]?.exits.at(-1)
    if (exit !== undefined) parts.announce({ kind: 'agent-exited', name, exit })
    return 'again'
  }

  async function end({ program, policy, now }: Seen): Promise<'again' | 'rest'> {
    if (program === undefined) return 'rest'
    if (stuck === undefined || now >= stuck.until) {
      const ended = await endProgram(program, policy.grace)
      stuck = ended
        ? undefined
        : { pids: [program.pid], why: 'they are still there after KILL', until: clock.uptime() + policy.check }
      if (stuck === undefined) return 'again'
      if (signal.aborted) return 'rest'
      await ledger.change(
        recordStuck({ name, attempt: program.attempt, pids: stuck.pids, why: stuck.why, now: Math.floor(clock.now() / 1000) }),
      )
      parts.announce({ kind: 'agent-stuck', name, pids: stuck.pids, why: stuck.why })
    }
    alarm.set(stuck.until)
    return 'rest'
  }

  /** First the mark, then TERM, and KILL when the grace is over; true once it is gone. */
  async function endProgram(program: Program, grace: number): Promise<boolean> {
    program.stopping = true
    await clock.sleep(1)
    machine.programs.signal(program, 'TERM')
    if (await goesWithin(program, grace)) return true
    machine.programs.signal(program, 'KILL')
    return await goesWithin(program, 5)
  }

  async function goesWithin(program: Program, seconds: number): Promise<boolean> {
    const until = clock.uptime() + seconds
    for (let pause = 20; program.end === undefined; pause = Math.min(1000, pause * 2)) {
      if (signal.aborted || clock.uptime() >= until) return false
      await clock.sleep(Math.min(pause, (until - clock.uptime()) * 1000 + 1), signal)
    }
    return true
  }

  async function launch(): Promise<StartOutcome> {
    if (signal.aborted) return { kind: 'failed', why: 'BootAgent is being stopped' }
    const agent = ledger.read().agents[name]
    const { release } = agent ?? { release: null }
    const settings = agent?.releases[release ?? '']
    if (release === null || settings === undefined) return hindered('no release is installed')
    const used = [...machine.programs.of(name), ...(agent?.exits ?? [])].map((each) => Number.parseInt(each.attempt, 10))
    const nonce = Math.floor(parts.random() * 2 ** 32).toString(16)
    const attempt = `${String(Math.max(0, ...used) + 1).padStart(6, '0')}-${nonce.padStart(8, '0')}`
    await clock.sleep(5)
    // The kernel reads the program at this moment, and whatever is there is what runs.
    const text = programText(machine, `/home/agents/${name}/releases/${settings.tree ?? release}/${settings.run.exec}`)
    const cargo = text === undefined ? undefined : parts.warehouse.byProgram(text)
    const program = machine.programs.start({ attempt, name, release, cargo, bootid: machine.bootid })
    await clock.sleep(10)
    look()
    if (program.end !== undefined) return outcomeOf({ kind: 'ended', status: program.end.status })
    parts.announce({ kind: 'agent-started', name, release, pid: program.pid, attempt })
    return { kind: 'running', pid: program.pid }
  }

  function hindered(why: string): StartOutcome {
    obstacle = { until: clock.uptime() + DEFAULT_POLICY.check, why }
    return { kind: 'failed', why }
  }

  return {
    pass,
    adopt() {
      void file.run(async () => {
        look()
      })
      pass()
    },
    start() {
      return file.run(async () => {
        held = false
        obstacle = undefined
        stuck = undefined
        const left = parts.hasty ? undefined : await pursue(MAKE_ROOM)
        if (left !== undefined) return { kind: 'failed', why: `processes of it are left and ${left.why}` }
        await ledger.change(forgive(name))
        const outcome = await launch()
        pass()
        return outcome
      })
    },
    stop() {
      held = true
      if (parts.hasty) return Promise.resolve({ kind: 'stopped' })
      return file.run(async () => {
        held = true
        stuck = undefined
        const left = await pursue(HELD_DOWN)
        if (signal.aborted) return { kind: 'stuck', pids: [], why: 'BootAgent is being stopped' }
        if (left !== undefined) held = false
        return left === undefined ? { kind: 'stopped' } : { kind: 'stuck', pids: left.pids, why: left.why }
      })
    },
    async lookAgain() {
      await file.run(async () => {
        await pursue()
      })
    },
    busy() {
      const program = latest()
      const temper = program?.cargo?.temper
      if (program === undefined || program.end !== undefined || temper?.kind !== 'busy') return undefined
      return time.now() - program.bornAt < temper.seconds * 1000 ? 'it holds its lock' : undefined
    },
    condemn(attempt, forced) {
      const program = latest()
      if (program?.attempt !== attempt || program.end !== undefined || program.stopping) return
      program.stopping = true
      program.forced = forced
      pass()
    },
    view(now) {
      const { since, ...shown } = board.read()
      return { ...shown, uptime: since === undefined ? 0 : Math.max(0, now - since) }
    },
    changed: (aborted) => board.changed(aborted),
    async close() {
      alarm.off()
      await file.idle()
    },
  }
}

/** What the product's keeper would read of an attempt's directory and of /proc. */
function lookAt(program: Program | undefined, seen: { machine: Machine; record: AgentRecord | undefined; now: number }): Look {
  if (program === undefined) return { sight: 'none' }
  const { record, now: offset } = seen
  const uptime = (ms: number) => ms / 1000 + offset
  const identity = { pid: program.pid, started: Math.round(uptime(program.bornAt) * 100) }
  const attempt: Attempt = {
    id: program.attempt,
    directory: '',
    boot: program.bootid,
    release: program.release,
    shim: identity,
    main: identity,
    stopping: program.stopping,
    ...(program.forced === undefined ? {} : { forced: program.forced }),
    ready: program.ready,
    ...(program.end === undefined ? {} : { exit: { status: program.end.status, at: uptime(program.end.at) } }),
    ...(program.end?.status === 126 ? { refused: 'it is no program' } : {}),
  }
  if (program.end !== undefined) {
    const known = record === undefined || isOnRecord(record, attempt)
    return { sight: known ? 'none' : 'ended', attempt }
  }
  const main: ProcessStat = { ...identity, state: 'S', parent: 1, session: identity.pid }
  if (program.stopping) return { sight: 'ending', attempt, main }
  const unready = record?.releases[program.release]?.health !== undefined && !program.ready
  return { sight: unready ? 'unready' : 'alive', attempt, main }
}

function readyAfter({ cargo }: Program): number {
  const temper = cargo?.temper
  if (temper?.kind === 'never ready') return Number.POSITIVE_INFINITY
  return temper?.kind === 'ready late' ? temper.after : 0
}

function programText(machine: Machine, path: string): string | undefined {
  const found = machine.disk.findIfThere(path)
  return found?.kind === 'file' ? found.bytes.toString() : undefined
}

function forgive(name: string): Reducer {
  return (metafile) => {
    const agent = metafile.agents[name]
    if (agent === undefined || (agent.wanted === 'running' && agent.strikes === 0 && !agent.fatal)) return metafile
    return changeAgent(name, (before) => ({ ...before, wanted: 'running', strikes: 0, fatal: false }))(metafile)
  }
}

const HELD_DOWN: ReasonedWish = { wish: 'down', reason: 'stopped until it is started' }
const MAKE_ROOM: ReasonedWish = { wish: 'down', reason: 'ended for another start' }
