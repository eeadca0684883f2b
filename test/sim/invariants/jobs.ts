import { reasonOf } from '@bootagent/protocol'
import { jobKey } from '@bootagent/protocol'
import { EPOCH } from '../host/machine.ts'
import { aliveOf, currentOf, type HostFacts, isGoingBack, previousOf, runsAs } from '../world/facts.ts'
import { invariant, type ResultSight } from './invariant.ts'

export const ONE_EFFECT = invariant({
  name: 'I-c one effect',
  claim:
    'However often a job comes, and whatever is lost, it makes another release current, or restarts its agent, at most once.',
  at: 'recorded',
  judge({ host }) {
    for (const [key, count] of host.switches)
      if (count > 1 && !host.forgotten.has(key)) return `${host.name}: ${key} made a release current ${count} times`
    for (const [key, count] of host.requestedEnds) {
      if (count > 1 && key.split(' ')[1] === 'restart' && !host.forgotten.has(key))
        return `${host.name}: ${key} ended its agent ${count} times`
    }
    return undefined
  },
})

export const NEVER_AGAIN = invariant({
  name: 'I-c never again',
  claim: 'A job that has a result is never taken a second time while its key is remembered, which is for seven days.',
  at: 'recorded',
  judge({ host, before, after }) {
    for (const [key, record] of Object.entries(after.jobs)) {
      if (record.state === 'done' || !host.results.has(key) || host.forgotten.has(key)) continue
      if (before.jobs[key]?.state !== record.state) return `${key} was done, and is ${record.state} again`
    }
    return undefined
  },
})

export const ONE_RESULT = invariant({
  name: 'one result',
  claim: 'The first result of a job is its result for ever: no report carries another.',
  at: 'sent',
  judge({ host, report }) {
    for (const result of report.jobs) {
      const key = jobKey({ ...result, action: result.action ?? '' })
      const known = host.results.get(key)
      if (known !== undefined && !host.forgotten.has(key) && known !== JSON.stringify(result))
        return `${JSON.stringify(result)} was ${known} before`
    }
    return undefined
  },
})

export const WAY_BACK = invariant({
  name: 'I-f way back',
  claim: 'Whoever goes forward to a release remembers the one before it, as long as nobody has gone back.',
  at: 'recorded',
  judge({ before, after }) {
    for (const [name, agent] of Object.entries(after.agents)) {
      const was = before.agents[name]
      const from = currentOf(was)
      if (was === undefined || from === null || from === currentOf(agent) || isGoingBack(was, agent)) continue
      if (previousOf(agent) !== from)
        return `${name} went from ${from} to ${currentOf(agent)}, and remembers ${previousOf(agent)}`
    }
    return undefined
  },
})

export const TRUE_RESULT = invariant({
  name: 'true result',
  claim: 'What a result says of the host was so when it was made durable.',
  at: 'result',
  judge(sight) {
    const { after, host, key, result } = sight
    const { action = '', name = '' } = result
    const reason = reasonOf(result.errcode)
    const agent = after.agents[name]
    const judge = reason === 'success' ? SUCCESS[action] : FAILURE[reason ?? '']
    const wrong = judge?.({ ...sight, name })
    return wrong === undefined
      ? undefined
      : `${host.name}: ${key} says "${result.message}", but ${wrong}${agent === undefined ? '' : ''}`
  },
})

type Said = ResultSight & { readonly name: string }
type Judge = (said: Said) => string | undefined

const SUCCESS: Readonly<Record<string, Judge>> = {
  install: delivered,
  upgrade: delivered,
  rollback(said) {
    const { after, before, name } = said
    const trial = before.agents[name]?.trial
    const release = currentOf(after.agents[name])
    if (trial !== null && trial?.job === said.key && trial.release !== release) return `${release} is current`
    return after.agents[name]?.wanted === 'running' ? runs(said) : undefined
  },
  uninstall({ after, before, host, name, result }) {
    if (after.agents[name] !== undefined) return `it is on record`
    // No hand touches a file here, whatever clocks and disks do.
    if (result.message.includes('had been changed')) return `it tells of a change: ${result.message}`
    // What a failed install has left of it goes when no other job is at work.
    if (before.agents[name] !== undefined && host.machine.disk.findIfThere(`/home/agents/${name}/releases`) !== undefined)
      return `its releases are on the disk`
    return aliveOf(host, name).length === 0 ? undefined : 'it runs'
  },
  stop: ({ host, name }) => (aliveOf(host, name).length === 0 ? undefined : 'it runs'),
  start: runs,
  restart: runs,
}

const FAILURE: Readonly<Record<string, Judge>> = {
  'trial-failed'({ after, before, key, name, result }) {
    if (result.message.includes('going back failed as well')) return undefined
    const trial = before.agents[name]?.trial
    if (trial?.job !== key) return `no trial of its own was under way`
    const release = currentOf(after.agents[name])
    return release === trial.from ? undefined : `${release} is current, and ${trial.from} was before`
  },
  cancelled({ after, before, key, name }) {
    const trial = before.agents[name]?.trial
    if (trial?.job !== key) return undefined
    const release = currentOf(after.agents[name])
    return release === trial.from ? undefined : `${release} is current, and ${trial.from} was before`
  },
  'failed-before': ({ before, name }) => ((before.failed[name] ?? []).length > 0 ? undefined : 'nothing of it is remembered'),
  'agent-missing': ({ before, name }) => (currentOf(before.agents[name]) === null ? undefined : 'it is installed'),
  'no-previous': ({ before, name }) => (previousOf(before.agents[name]) === null ? undefined : 'there is one'),
  'deadline-passed'({ before, host, key }) {
    const deadline = (before.jobs[key]?.job as { deadline?: number } | undefined)?.deadline ?? 0
    return deadline < wallSeconds(host) + 1 ? undefined : 'there was time left'
  },
}

/** The release of the job is current, and if it is to run, it has held for the whole of its trial, up to this moment. */
function delivered(said: Said): string | undefined {
  const { after, before, fleet, key, name } = said
  const job = before.jobs[key]?.job as { checksum?: string } | undefined
  const digest = job?.checksum?.split(':')[1]?.toLowerCase() ?? ''
  const agent = after.agents[name]
  const release = currentOf(agent)
  const record = agent?.releases[release ?? '']
  if (record?.digest !== digest)
    return `${release} is current, of another package than ${fleet.warehouse.byDigest(digest)?.record.version}`
  return agent?.wanted === 'running' ? runs(said) : undefined
}

/** Milliseconds: between the last look and the write, what dies dies unseen. */
const BLINK = 1000
/** Where nobody is told of ends, one who does not look hears of them with the next check. */
const CHECK = 61_000

function runs({ after, before, host, key, name }: Said): string | undefined {
  const release = currentOf(after.agents[name])
  const trial = before.agents[name]?.trial
  const watched = trial?.job === key && trial.release === release
  const programs = host.machine.programs.of(name).filter((each) => runsAs(after.agents[name], each.release, release))
  const now = host.time.now()
  const slack = watched ? BLINK : CHECK
  const lately = programs.filter((each) => each.end === undefined || now - each.end.at <= slack)
  if (lately.length === 0) return `nothing of ${release} runs`
  if (!watched) return undefined
  const longest = Math.max(...lately.map((each) => (each.end?.at ?? now) - each.bornAt))
  if (longest < trial.seconds * 1000 - BLINK) return `${release} has run for ${longest / 1000} s of a trial of ${trial.seconds} s`
  return undefined
}

export function wallSeconds({ machine, time }: HostFacts): number {
  return (EPOCH + time.now() + machine.clockOff) / 1000
}
