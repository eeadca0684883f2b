import { setTimeout as sleep } from 'node:timers/promises'
import { type BenchOptions, say } from './bench-options.ts'
import { type BootAgentProcess, openBootAgent, tells } from './contenders/bootagent.ts'
import { agentName, numbers } from './contenders/contender.ts'
import { median } from './measure/median.ts'
import { descriptorsOf, memoryOf } from './measure/resources.ts'
import { buildBootAgent } from './setup/bootagent-program.ts'
import { writeSoakPage } from './show/soak-page.ts'

/** What BootAgent held: medians over the reports since the sample before. */
export interface Held {
  readonly rss: number
  readonly anonymous: number
  readonly descriptors: number
}

/** What it held around that many reports and restarts. */
export interface Sample extends Held {
  readonly reports: number
  readonly restarts: number
}

/** A whole soak. */
export interface Soak {
  readonly samples: readonly Sample[]
  /** The median of its second fifth, when everything has been used; growth is counted from it. */
  readonly early: Held
  /** The median of its last fifth. */
  readonly late: Held
  readonly seconds: number
}

/** What may be grown from `early` to `late` and still be called flat. */
export const FLAT = 0.03

const AGENTS = 10
/** Seconds an agent lives: ten of them are three restarts a second. */
const LIFE = 3
/** Seconds between two reports. */
const STEP = 0.05
/** How many looks a soak is divided into. */
const SAMPLES = 20
/** Each is started again at once, for ever: it never counts as a strike. */
const RESTART = { delay: 0, window: 0, strikes: 1000, check: 1 }

/** Thousands of reports and restarts of one BootAgent. True when memory and descriptors are flat. */
export async function soak(options: BenchOptions): Promise<boolean> {
  const atLeast = options.quick ? { reports: 1000, restarts: 100 } : { reports: 10_000, restarts: 1000 }
  const directory = options.room.place('soak')
  const agents = numbers(AGENTS).map((number) => [
    agentName(number),
    { program: '/bin/sleep', args: [String(LIFE)], restart: RESTART },
  ])
  const bootagent = await openBootAgent(directory, {
    agents: Object.fromEntries(agents),
    step: STEP,
    settings: { stepMin: STEP, gap: 0 },
    executable: buildBootAgent().path,
  })
  const since = performance.now()
  const counting = countRestarts(bootagent)
  await bootagent.run()
  const samples = await takeSamples(bootagent, counting, atLeast)
  await bootagent.close()
  options.room.clear(directory)

  const fifth = SAMPLES / 5
  const early = middleOf(samples.slice(fifth, 2 * fifth))
  const soaked = { samples, early, late: middleOf(samples.slice(-fifth)), seconds: (performance.now() - since) / 1000 }
  writeSoakPage(soaked, options)
  return isFlat(soaked)
}

/** Whether nothing has grown by more than is called flat. */
export function isFlat({ early, late }: Soak): boolean {
  return FIGURES.every((figure) => late[figure] <= early[figure] * (1 + FLAT))
}

/** What is watched. */
export const FIGURES = ['rss', 'anonymous', 'descriptors'] as const

/** Ends that BootAgent has told of and put on record; each is followed by a start. */
function countRestarts({ log }: BootAgentProcess): () => number {
  let count = 0
  const ended = tells('agent-exited')
  log.onLine((line) => {
    if (ended(line)) count += 1
  })
  return () => count
}

async function takeSamples(
  bootagent: BootAgentProcess,
  counting: () => number,
  atLeast: { readonly reports: number; readonly restarts: number },
): Promise<Sample[]> {
  const samples: Sample[] = []
  let looks: Held[] = []
  for (let before = -1, since = performance.now(); samples.length < SAMPLES; await sleep(LOOK_MS)) {
    const [reports, restarts] = [bootagent.reports(), counting()]
    if (restarts !== before) since = performance.now()
    if (performance.now() - since > STUCK_MS) {
      throw new Error(
        `no agent was started again for 2 minutes, after ${restarts} restarts; the log ends with:\n${bootagent.log.ending()}`,
      )
    }
    before = restarts
    looks.push({ ...memoryOf([bootagent.pid()]), descriptors: descriptorsOf(bootagent.pid()) })
    const share = (samples.length + 1) / SAMPLES
    if (reports < atLeast.reports * share || restarts < atLeast.restarts * share) continue
    samples.push({ reports, restarts, ...middleOf(looks) })
    looks = []
    say(`${reports} reports, ${restarts} restarts`)
  }
  return samples
}

/** Each figure's own median. */
function middleOf(looks: readonly Held[]): Held {
  const middle = (figure: keyof Held) => median(looks.map((look) => look[figure]))
  return { rss: middle('rss'), anonymous: middle('anonymous'), descriptors: middle('descriptors') }
}

/** Often enough for a median between two samples, and seldom enough not to be what is measured. */
const LOOK_MS = 250
const STUCK_MS = 120_000
