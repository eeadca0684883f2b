import { silentLog } from '@bootagent/runtime'
import { createJumpClock, type JumpClock } from '@bootagent/runtime/testing'
import { compose, type Happening, pathsOf, readConfig, workerProgram } from 'bootagent'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { clearGroups } from '../../scripts/demo/clear-groups.ts'
import { type Fleet, startFleet } from '../fleet.ts'
import { createStory, type Story } from '../story.ts'
import { plantAgents } from './plant-agents.ts'
import { type Strings, tieStrings } from './puppet.ts'

const DAY = 86_400_000

let fleet: Fleet

beforeAll(async () => {
  fleet = await startFleet()
})

afterAll(() => fleet.end())

// The seed's own times: no restart within 3 minutes, a look every minute. All that is moved besides is the clock that never steps.
test.each([
  ['ahead', DAY],
  ['back', -DAY],
])('the wall clock set a day %s moves no restart: it comes after its three minutes, and not before', async (way, by) => {
  const { clock, setWallClock, story, patient, hasty } = await startHost(`a-day-${way}`)
  const waiting = Promise.all([
    story.nextWhere(tells('agent-waiting', 'patient')),
    story.nextWhere(tells('agent-waiting', 'hasty')),
  ])
  patient.tell('exit 3')
  hasty.tell('exit 3')
  await waiting
  setWallClock(by)
  let early = false
  void story.nextWhere(tells('agent-started', 'patient')).then(() => (early = true))
  const first = story.nextWhere(tells('agent-started', 'hasty'))
  await clock.jump(120)
  await first
  // Twice over: by then whatever the jump has set going has been seen.
  const second = story.nextWhere(tells('agent-started', 'hasty'))
  hasty.tell('exit 3')
  await second
  expect(early).toBe(false)

  const restarted = story.nextWhere(tells('agent-started', 'patient'))
  await clock.jump(80)
  await restarted
})

function tells(kind: Happening['kind'], name: string): (happening: Happening) => boolean {
  return (happening) => happening.kind === kind && 'name' in happening && happening.name === name
}

/** A host in this process, so that its clocks are ours to move. */
interface Host {
  readonly clock: JumpClock
  /** By so many milliseconds it is wrong from now on. */
  readonly setWallClock: (wrong: number) => void
  readonly story: Story
  /** By the seed's times: not before three minutes. */
  readonly patient: Strings
  /** Started again after one minute, and so the one to see the time go by. */
  readonly hasty: Strings
}

/** Resolves when its agents run. Its clock begins with the one that the kernel stamps ends by. */
async function startHost(agentsn: string): Promise<Host> {
  const home = fleet.homeOf(agentsn)
  const [patient, hasty] = [tieStrings(`${fleet.directory}/${agentsn}.1`), tieStrings(`${fleet.directory}/${agentsn}.2`)]
  plantAgents(home, fleet.url, { patient: { strings: patient }, hasty: { strings: hasty, restart: { delay: 60 } } })
  const [clock, story] = [createJumpClock(), createStory()]
  let wrong = 0
  const host = await compose({
    paths: pathsOf(home, `${home}/run`),
    config: readConfig(undefined),
    version: '0.1.0',
    baked: '',
    servers: undefined,
    agentsn: undefined,
    own: { running: undefined, options: [] },
    worker: workerProgram(`${import.meta.dirname}/../../packages/bootagent/src/main.ts`),
    pidFile: undefined,
    guard: () => undefined,
    startedWith: [],
    clock: { ...clock, now: () => clock.now() + wrong },
    random: () => 0.5,
    log: silentLog,
    listeners: [story.tell],
  })
  onTestFinished(async () => {
    await host.stop()
    for (const { cut } of [patient, hasty]) cut()
    await clearGroups(home)
  })
  const started = Promise.all([
    story.nextWhere(tells('agent-started', 'patient')),
    story.nextWhere(tells('agent-started', 'hasty')),
  ])
  await host.start()
  await started
  return { clock, setWallClock: (by) => (wrong = by), story, patient, hasty }
}
