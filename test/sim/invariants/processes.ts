import { DEFAULT_POLICY, policyFor } from '../../../packages/bootagent/src/supervise/restart-policy.ts'
import type { Metafile } from '../../../packages/bootagent/src/state/metafile-schema.ts'
import { uptimeOf } from '../host/machine.ts'
import { aliveOf, currentOf, type HostFacts, jobAtWork, previousOf, runsAs } from '../world/facts.ts'
import { invariant } from './invariant.ts'

export const VERIFIED = invariant({
  name: 'I-a verified',
  claim: 'What runs is, byte for byte, the program of the package whose checksum the job named.',
  at: 'started',
  judge({ host, program, fleet }) {
    const record = host.metafile?.agents[program.name]?.releases[program.release]
    const wanted = fleet.warehouse.byDigest(record?.digest ?? '')
    if (record === undefined) return undefined
    if (program.cargo === undefined) return `${program.name} ${program.release} was started from bytes of no package`
    if (program.cargo !== wanted) return `${program.name} ${program.release} runs the program of another package`
    return program.cargo.sent.equals(program.cargo.bytes) || program.cargo.flaw === 'none'
      ? undefined
      : `${program.name} ${program.release} comes from a package that was never sent`
  },
})

export const UNSAFE_NEVER_RUNS = invariant({
  name: 'I-a safe',
  claim: 'Nothing of a package that was to be refused is ever run.',
  at: 'started',
  judge: ({ program }) =>
    program.cargo === undefined || program.cargo.flaw === 'none'
      ? undefined
      : `${program.name} ${program.release} was started, and its package has a flaw: ${program.cargo.flaw}`,
})

export const ONE_INSTANCE = invariant({
  name: 'I-e one instance',
  claim: 'An agent never has two living programs.',
  at: 'started',
  judge({ host, program }) {
    const alive = aliveOf(host, program.name)
    return alive.length <= 1
      ? undefined
      : `${program.name} lives ${alive.length} times: ${alive.map((each) => each.release).join(', ')}`
  },
})

/** What was judged already: most of what happens changes neither. */
const seen = new WeakMap<HostFacts, { readonly metafile: Metafile | undefined; readonly generation: number }>()

export const RIGHT_RELEASE = invariant({
  name: 'I-e right release',
  claim: 'What lives is the current release; only while a job is at work on it may it be the one before.',
  at: 'step',
  judge({ hosts }) {
    for (const host of hosts) {
      const { metafile } = host
      const generation = host.machine.programs.generation()
      const last = seen.get(host)
      if (last?.metafile === metafile && last?.generation === generation) continue
      seen.set(host, { metafile, generation })
      for (const { name, release } of host.machine.programs.alive()) {
        const agent = host.metafile?.agents[name]
        if (runsAs(agent, release, currentOf(agent))) continue
        const atWork = jobAtWork(host.metafile, name) !== undefined
        if (atWork && (release === previousOf(agent) || release === agent?.trial?.from || release === agent?.trial?.release))
          continue
        return `${host.name} runs ${name} ${release}, and its record says ${currentOf(agent)}${atWork ? ' (a job is at work)' : ''}`
      }
    }
    return undefined
  },
})

export const PATIENCE = invariant({
  name: 'policy: patience',
  claim:
    'Nobody having asked for it, a program that failed is not started again within its delay, and one that was given up not at all.',
  at: 'started',
  judge({ host, program }) {
    const agent = host.metafile?.agents[program.name]
    const exit = agent?.exits.at(-1)
    if (agent === undefined || jobAtWork(host.metafile, program.name) !== undefined) return undefined
    if (agent.fatal) return `${program.name} was started though it was given up`
    if (exit?.abnormal !== true || exit.release !== agent.release || exit.bootid !== host.machine.bootid) return undefined
    const { delay } = policyFor(DEFAULT_POLICY, agent.releases[agent.release ?? '']?.restart ?? {})
    const since = uptimeOf(host.machine, host.time) - exit.at
    return since >= delay - 1
      ? undefined
      : `${program.name} was started ${since.toFixed(1)} s after a failure, and its delay is ${delay} s`
  },
})

export const STRIKES = invariant({
  name: 'policy: strikes',
  claim:
    'Strikes are counted as the seed says: a failure within 15 minutes of its start is one, a longer life clears them, more than three are fatal.',
  at: 'recorded',
  judge({ host, before, after }) {
    // What a full disk held back comes in one change, an operator's forgiveness among it: nobody can count that from outside.
    if (host.heldBack) return undefined
    for (const [name, agent] of Object.entries(after.agents)) {
      const was = before.agents[name]
      const known = was?.exits.at(-1)?.attempt
      const fresh = agent.exits.slice(agent.exits.findIndex(({ attempt }) => attempt === known) + 1)
      if (was === undefined || fresh.length !== 1 || was.release !== agent.release) continue
      const policy = policyFor(DEFAULT_POLICY, agent.releases[agent.release ?? '']?.restart ?? {})
      const counted = fresh.filter(({ release }) => release === agent.release)
      const expected = counted.reduce<readonly number[]>(
        (possible, exit) => possible.flatMap((strikes) => strikesAfter(strikes, exit, policy.window)),
        [was.strikes],
      )
      if (!expected.includes(agent.strikes)) {
        return `${name} had ${was.strikes} strikes, and has ${agent.strikes} after ${JSON.stringify(counted)}`
      }
      const fatal = was.fatal || (counted.at(-1)?.abnormal === true && agent.strikes > policy.strikes)
      if (agent.fatal !== fatal) {
        return `${name} has ${agent.strikes} strikes and is ${agent.fatal ? '' : 'not '}given up`
      }
    }
    return undefined
  },
})

/** A second writing of the rule, from the seed's words. An end that was asked for leaves them; one with a listed code undoes them. */
function strikesAfter(strikes: number, exit: { lived: number; abnormal: boolean }, window: number): readonly number[] {
  if (exit.lived >= window) return [0]
  return exit.abnormal ? [strikes + 1] : [strikes, 0]
}
