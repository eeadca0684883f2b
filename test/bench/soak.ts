import { setTimeout as sleep } from 'node:timers/promises'
import { type BenchOptions, say } from './bench-options.ts'
import { type BootAgentProcess, openBootAgent, tells } from './contenders/bootagent.ts'
import { agentName, numbers } from './contenders/contender.ts'
import { median } from './measure/median.ts'
import { descriptorsOf, memoryOf } from './measure/resources.ts'
import { buildBootAgent } from './setup/bootagent-program.ts'
import { writeSoakPage } from './show/soak-page.ts'

/** What BootAgent held around that many restarts: medians over the restarts since the sample before. */
export interface Sample {
  readonly restarts: number
  readonly rss: number
  readonly anonymous: number
  readonly descriptors: number
}

/** A whole soak. */
export interface Soak {
  readonly samples: readonly Sample[]
  /** The sample that growth is counted from: everything has been used by then. */
  readonly from: Sample
  readonly last: Sample
  readonly reports: number
  readonly seconds: number
}

/** What may be grown from `from` to `last` and still be called flat. */
export const FLAT = 0.03

const AGENTS = 10
/** Seconds between two reports. */
const STEP = 0.06
/** Each is started again at once, for ever: it never counts as a strike. */
const RESTART = { delay: 0, window: 0, strikes: 1000, check: 1 }

/** Thousands of restarts and reports of one BootAgent. True when memory and descriptors are flat. */
export async function soak(options: BenchOptions): Promise<boolean> {
  const restarts = options.quick ? 2000 : 10_000
  const directory = options.room.place('soak')
  const agents = numbers(AGENTS).map((number) => [agentName(number), { program: '/bin/sleep', args: ['0.02'], restart: RESTART }])
  const bootagent = await openBootAgent(directory, {
    agents: Object.fromEntries(agents),
    // As many reports as restarts, nearly.
    step: STEP,
    settings: { stepMin: STEP, gap: 0 },
    executable: buildBootAgent().path,
  })
  const since = performance.now()
  const counting = countRestarts(bootagent)
  await bootagent.run()
  const samples = await takeSamples(bootagent, counting, { restarts, every: restarts / 20 })
  const reports = bootagent.reports()
  await bootagent.close()
  options.room.clear(directory)

  const [from, last] = [samples.find((each) => each.restarts >= restarts / 10), samples.at(-1)]
  if (from === undefined || last === undefined) throw new Error('there are no samples')
  const soaked = { samples, from, last, reports, seconds: (performance.now() - since) / 1000 }
  writeSoakPage(soaked, options)
  return isFlat(soaked)
}

/** Whether nothing has grown by more than is called flat. */
export function isFlat({ from, last }: Soak): boolean {
  return FIGURES.every((figure) => last[figure] <= from[figure] * (1 + FLAT))
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
  { restarts, every }: { restarts: number; every: number },
): Promise<Sample[]> {
  const samples: Sample[] = []
  let looks: Omit<Sample, 'restarts'>[] = []
  for (let before = -1, since = performance.now(); (samples.at(-1)?.restarts ?? 0) < restarts; await sleep(LOOK_MS)) {
    const count = counting()
    if (count !== before) since = performance.now()
    if (performance.now() - since > STUCK_MS) {
      throw new Error(
        `no agent was started again for 2 minutes, after ${count} restarts; the log ends with:\n${bootagent.log.ending()}`,
      )
    }
    before = count
    looks.push({ ...memoryOf([bootagent.pid()]), descriptors: descriptorsOf(bootagent.pid()) })
    if (count < (samples.length + 1) * every) continue
    const middle = (figure: keyof Omit<Sample, 'restarts'>) => median(looks.map((look) => look[figure]))
    samples.push({ restarts: count, rss: middle('rss'), anonymous: middle('anonymous'), descriptors: middle('descriptors') })
    looks = []
    say(`${count} restarts`)
  }
  return samples
}

/** Often enough for a median between two samples, and seldom enough not to be what is measured. */
const LOOK_MS = 250
const STUCK_MS = 120_000
