import { agentOf, excerpt, type Job, type JobProgress, OWN_NAME } from '@bootagent/protocol'
import { crashPoint, RuntimeError } from '@bootagent/runtime'
import type { Walk } from './walk.ts'
import { tellRollback } from './event/tell-rollback.ts'
import { execute, type Outcome, type Seen } from './execute/execute.ts'
import { pointLinks } from './execute/links.ts'
import { sweep } from './execute/sweep.ts'
import { endWaiting, nextDeadline, type WaitingEnded } from './job/end-waiting.ts'
import { finishJob, resultOf } from './job/finish.ts'
import { nextJobRecord } from './job/job-state.ts'
import { closeOrder } from './job/local-order.ts'
import { jobOf, nextJobs } from './job/next-jobs.ts'
import { endOwnUpgrade } from './own/end-upgrade.ts'
import { readSlots } from './own/slots.ts'
import { leavesNeither } from './plan/leaves-neither.ts'
import { planJob } from './plan/plan.ts'
import { settingsOf } from './plan/read-delivery.ts'
import { planResuming } from './plan/roll-back.ts'
import { tellChanges } from './plan/tell-changes.ts'
import { describe, type End, type Plan, type Step } from './plan/step.ts'
import { fingerprint } from './state/file-sets.ts'
import type { HostState } from './state/host-state.ts'
import { changeAgent, changeJob, isHindrance } from './state/metafile-schema.ts'
import { observe } from './state/observe.ts'
import { UNGUARDED } from './state/own-slots.ts'
import { rememberTrial } from './trial/remember-failure.ts'

/** How long a job rests at most that could not even be noted down, in milliseconds; a host that asks its servers sooner tries sooner. */
const UNNOTED_REST = 60_000

/** The working loop: every job that may run now runs; jobs of one agent one after another. */
export async function work(walk: Walk, signal: AbortSignal, ready: () => void): Promise<void> {
  const busy = new Map<string, Promise<void>>()
  ready()
  while (!signal.aborted) {
    if (busy.size === 0) await tidy(walk)
    await answerWaiting(walk, new Set(busy.keys()))
    for (const key of nextJobs(walk.tools.metafile.read(), new Set(busy.keys()))) {
      const worked = workPatiently(walk, key, signal).finally(() => {
        busy.delete(key)
        walk.toDo.ring()
      })
      busy.set(key, worked)
    }
    await untilWorkOrDeadline(walk, new Set(busy.keys()), signal)
  }
  await Promise.all(busy.values())
}

/** Ends what need not be begun any more. Where that cannot be written down now, it waits on and is looked at again. */
async function answerWaiting({ tools: { metafile }, announce, clock, toTell }: Walk, busy: ReadonlySet<string>): Promise<void> {
  const ended: WaitingEnded['ended'][number][] = []
  try {
    const { jobs } = await metafile.update((was) => {
      const ends = endWaiting(was, { now: Math.floor(clock.now() / 1000), busy })
      ended.push(...ends.ended)
      return ends.metafile
    })
    for (const { key, job } of ended) {
      const result = jobs[key]?.result
      if (result !== undefined) announce({ kind: 'job-done', job: job.id, result })
    }
    if (ended.length > 0) toTell.ring()
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error
    for (const { key } of ended) announce({ kind: 'job-postponed', job: key, why: error.message })
  }
}

/** Rests until there may be work, or a job has waited for too long; never for more than a minute then, since the wall clock may be set. */
async function untilWorkOrDeadline({ tools, clock, toDo }: Walk, busy: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
  const deadline = nextDeadline(tools.metafile.read(), busy)
  if (deadline === undefined) return toDo.wait(signal)
  const woken = new AbortController()
  const wake = AbortSignal.any([signal, woken.signal])
  const passed = (deadline + 1) * 1000 - clock.now()
  await Promise.race([toDo.wait(wake), clock.sleep(Math.min(LONGEST_REST, Math.max(SHORTEST_REST, passed)), wake)])
  woken.abort()
}

/** In milliseconds; the shorter one is for a disk that refuses to have a deadline noted down. */
const [SHORTEST_REST, LONGEST_REST] = [1000, 60_000]

/** When one job is to be left where it is. */
interface Stops {
  /** BootAgent is being stopped. */
  readonly signal: AbortSignal
  /** The job was called off. */
  readonly calledOff: AbortSignal
}

/** One job from its first plan to its result. Interrupted anywhere, it is planned again from what is there. */
async function workOn(walk: Walk, key: string, stops: Stops): Promise<void> {
  const { metafile, supervisor } = walk.tools
  const found = metafile.read().jobs[key]
  if (found === undefined) return
  const job = jobOf(found)
  const name = agentOf(job)
  const begun = found.state === 'running'
  // Supervision comes back to life with us: what the one before us left stopped half way it starts by itself, and a plan made before
  // that would be about another host.
  if (begun && name !== undefined) await supervisor.lookAgain(name)
  const before = supervisor.observe().get(name ?? '')?.attempt
  const { jobs } = await metafile.update(changeJob(key, (record) => nextJobRecord(record, { kind: 'begin', before })))
  // It was answered at the last moment before it began.
  if (jobs[key]?.state === 'done') return
  crashPoint('job:begun')

  const end = await carryOut({ walk, key, job, name, ...stops }, begun)
  walk.progress.delete(key)
  if (end === undefined) return
  const tried = metafile.read().agents[name ?? '']?.trial?.job === key
  const result = resultOf(job, end)
  crashPoint('finish:before')
  const now = Math.floor(walk.clock.now() / 1000)
  const told = tellRollback({ key, name, now })
  const remembered = rememberTrial({
    key,
    name,
    asked: fingerprint(settingsAsked(job)),
    succeeded: end.reason === 'success',
    time: now,
  })
  const closed = closeOrder(key, now)
  const ownEnded = endOwnUpgrade({ key, asked: fingerprint(settingsAsked(job)), time: now })
  await metafile.update((was) => ownEnded(closed(finishJob(key, job, result)(remembered(told(was))))))
  crashPoint('finish:recorded')
  if (tried && end.reason === 'success') walk.announce({ kind: 'trial-kept', job: job.id, name: name ?? '' })
  walk.announce({ kind: 'job-done', job: job.id, result })
  walk.toTell.ring()
}

/** Of a job that brings a release, how it is to be run. */
function settingsAsked(job: Job): object {
  return job.action === 'install' || job.action === 'upgrade' ? settingsOf(job) : {}
}

/** What is at hand while one job is worked on. */
interface AtWork extends Stops {
  readonly walk: Walk
  readonly key: string
  readonly job: Job
  /** The agent it is about; undefined when it is about the host. */
  readonly name: string | undefined
}

/** Plans and executes until there is an end; undefined when BootAgent is being stopped. */
async function carryOut(at: AtWork, begunBefore: boolean): Promise<End | undefined> {
  const { walk, key, job } = at
  for (let begun = begunBefore; ; begun = true) {
    const host = await lookAround(at)
    const { before, calledOff: wish } = host.jobs[key] ?? {}
    const calledOff = wish !== undefined
    const plan = planJob(job, host, { ...walk.rules, key, begun, before, calledOff, now: Math.floor(walk.clock.now() / 1000) })
    if (plan.kind === 'end') return plan.end
    // Once the plan is the way out, there is nothing left to be called off.
    const outcome = await runSteps(at, plan.steps, calledOff ? at.signal : AbortSignal.any([at.signal, at.calledOff]))
    const end = await endAfter(at, plan, outcome)
    if (end !== 'plan again') return end
  }
}

/** How the job ends after some steps; undefined when BootAgent is being stopped. */
async function endAfter(
  at: AtWork,
  plan: Exclude<Plan, { kind: 'end' }>,
  outcome: Outcome,
): Promise<End | 'plan again' | undefined> {
  if (outcome.kind === 'interrupted') return at.signal.aborted ? undefined : 'plan again'
  if (outcome.kind === 'failed') return afterFailure(at, outcome)
  return plan.kind === 'steps' ? withSeen(plan.end, outcome.seen) : 'plan again'
}

/**
 * What was seen on the way is part of what came of the job: whoever packed scripts may count on them, and whoever has changed a file
 * that was deleted may miss it.
 */
function withSeen({ reason, message }: End, { scripts, changes }: Seen): End {
  const unrun = scripts.length === 0 ? '' : `; not run, as always: the package's ${scripts.join(', ')}`
  return { reason, message: `${message}${unrun}${tellChanges(changes)}` }
}

/**
 * A failed step ends the job, unless a trial is under way: its failure is noted, and the next plan is the way back. Throws where an end
 * would leave neither the old nor the new: the job then rests and is tried again, until the host has what it lacks.
 */
async function afterFailure(at: AtWork, { error, step }: Extract<Outcome, { kind: 'failed' }>): Promise<End | 'plan again'> {
  const { metafile } = at.walk.tools
  const name = at.name ?? ''
  const trial = metafile.read().agents[name]?.trial
  if (trial?.job === at.key && trial.failure === undefined) {
    // Before the old release writes again: these are the words of the one that failed.
    const lines = (await at.walk.tools.lastWords(name)).slice(-LINES_KEPT).map((line) => excerpt(line, LINE_LENGTH))
    const failed = { ...trial, failure: error.message, lines, ...(isHindrance(error.reason) ? { hindered: error.reason } : {}) }
    await metafile.update(changeAgent(name, (agent) => ({ ...agent, trial: failed })))
    crashPoint('trial:failure-recorded')
    return 'plan again'
  }
  if (isHindrance(error.reason) && leavesNeither(step, metafile.read().agents[name], at.key)) throw error
  if (trial?.job === at.key)
    return { reason: trial.hindered ?? 'trial-failed', message: `${trial.failure}; going back failed as well: ${error.message}` }
  const { agent, jobs } = await lookAround(at)
  if (agent !== undefined) await runSteps(at, planResuming(agent, jobs[at.key]?.before), at.signal)
  return { reason: error.reason, message: error.message }
}

/** Of what a failed release wrote last: enough to see why, little enough to be kept. */
const LINES_KEPT = 10
const LINE_LENGTH = 200

async function runSteps(
  { walk, key, job, name, signal }: AtWork,
  steps: readonly Step[],
  cutShort: AbortSignal,
): Promise<Outcome> {
  const { announce, progress, tools } = walk
  const stage = (what: string): JobProgress => ({
    id: job.id,
    action: job.action,
    ...(name === undefined ? {} : { name }),
    stage: what,
  })
  let what = ''
  const counted = (done: number, total?: number, note?: string) =>
    progress.set(key, {
      ...stage(note === undefined ? what : `${what}, ${note}`),
      done,
      ...(total === undefined ? {} : { total }),
    })
  const outcome = await execute(steps, { ...tools, key, signal, cutShort, progress: counted, findings: {} }, (step, state) => {
    what = describe(step)
    if (state === 'begun') progress.set(key, stage(what))
    announce({ kind: `step-${state}`, job: job.id, step: step.kind, what })
  })
  if (outcome.kind === 'failed')
    announce({ kind: 'step-failed', job: job.id, step: outcome.step.kind, why: outcome.error.message })
  return outcome
}

async function lookAround({ walk: { tools }, name }: AtWork): Promise<HostState> {
  const { pid, release, attempt } = (name === undefined ? undefined : tools.supervisor.observe().get(name)) ?? {}
  const runs = pid !== undefined && release !== undefined && attempt !== undefined
  const running = runs ? { release, attempt } : undefined
  const own = name === OWN_NAME ? { ...(await readSlots(tools.paths)), running: tools.own.running } : UNGUARDED
  return observe({ paths: tools.paths, metafile: tools.metafile.read(), running, own }, name)
}

/** When not even the metafile can be written, the job is still open: it rests and is tried again, and everything else goes on. */
async function workPatiently(walk: Walk, key: string, signal: AbortSignal): Promise<void> {
  const { signal: calledOff, leave } = walk.callingOff.enter(key)
  try {
    await workOn(walk, key, { signal, calledOff })
  } catch (error) {
    walk.progress.delete(key)
    walk.announce({ kind: 'job-postponed', job: key, why: (error as Error).message })
    await walk.clock.sleep(Math.min(UNNOTED_REST, walk.pace.retry * 1000), AbortSignal.any([signal, calledOff]))
  } finally {
    leave()
  }
}

/** What each agent's process was started from, whether it is still the one that is to run or could not be ended. */
function runningReleases({ supervisor }: Walk['tools']): Map<string, string> {
  return new Map([...supervisor.observe()].flatMap(([name, { release }]) => (release === undefined ? [] : [[name, release]])))
}

/** Between jobs nothing is half made: what no record names may go, and links that a full disk refused can be made. */
async function tidy({ tools, announce }: Walk): Promise<void> {
  try {
    for (const [name, agent] of Object.entries(tools.metafile.read().agents)) await pointLinks(tools.paths, name, agent)
    await sweep(tools.paths, tools.metafile.read(), { running: runningReleases(tools), keep: tools.cache })
  } catch (error) {
    announce({ kind: 'not-tidied', why: (error as Error).message })
  }
}
