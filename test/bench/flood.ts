import { readdirSync, readFileSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type BenchOptions, say } from './bench-options.ts'
import { openBootAgent } from './contenders/bootagent.ts'
import { median } from './measure/median.ts'
import { cpuTimeOf, memoryOf } from './measure/resources.ts'
import { agentPaths } from '../../packages/bootagent/src/state/paths.ts'
import { buildBootAgent } from './setup/bootagent-program.ts'
import { writeFloodPage } from './show/flood-page.ts'

/** What was seen at one moment. */
export interface Look {
  /** Since the flood began. */
  readonly seconds: number
  /** BootAgent's, in bytes. */
  readonly rss: number
  readonly anonymous: number
  /** What all of the agent's log files take on the disk. */
  readonly disk: number
}

/** A whole flood. */
export interface Flood {
  readonly looks: readonly Look[]
  /** Bytes the agent has written in all, and in a second. */
  readonly written: number
  readonly rate: number
  /** In the first third of the flood, and in the last: medians. */
  readonly before: Omit<Look, 'disk' | 'seconds'>
  readonly after: Omit<Look, 'disk' | 'seconds'>
  /** The most the log took while BootAgent found out how fast it grows, and the most from then on. */
  readonly firstPeak: number
  readonly laterPeak: number
  /** BootAgent, in percent of one core. */
  readonly cpuPercent: number
}

/** What BootAgent may hold of an agent's log (bootagent.json, logs.total); what comes between two of its looks is on top of that. */
export const CAP = 50 * 1024 ** 2
/** A log at rest is looked at every 10 s. */
export const FINDING_OUT_S = 12
/** From then on a flood of this rate is looked at at least so often, in seconds, copying included. */
export const BETWEEN_LOOKS_S = 0.5
export const FLAT = 0.03

/** 10 MB at a time; how often is written down in its data directory, where it runs. */
const CHUNK = 10_000_000
const SCRIPT = `
i=0
until [ -e go ]; do sleep 0.1; done
while :; do
  yes 'a line of an agent that has far too much to say, over and over again' | head -c ${CHUNK}
  i=$((i + 1))
  echo $i >rounds.new && mv rounds.new rounds
  sleep 0.06
done
`

/** An agent writes about 100 MB a second. True when BootAgent's memory is flat, and the log within its cap once its growth is known. */
export async function flood(options: BenchOptions): Promise<boolean> {
  const seconds = options.quick ? 20 : 30
  const directory = options.room.place('flood')
  refuseSmallDisk(directory)
  const agents = { flood: { program: '/bin/sh', args: ['-c', SCRIPT] } }
  const bootagent = await openBootAgent(directory, { agents, executable: buildBootAgent().path })
  const paths = agentPaths(bootagent.paths, 'flood')
  await bootagent.run()
  await sleep(SETTLING_MS)
  const pid = bootagent.pid()
  const cpu = cpuTimeOf([pid])
  say(`an agent writes as much as it can, about 100 MB/s, for ${seconds} s`)
  const looks = await watchFlood(seconds, { pid, log: paths.log, go: () => writeFileSync(`${paths.data}/go`, '') })
  const cpuPercent = ((cpuTimeOf([pid]) - cpu) / (seconds * 1000)) * 100
  const written = Number(readFileSync(`${paths.data}/rounds`, 'utf8')) * CHUNK
  await bootagent.close()
  options.room.clear(directory)

  const peak = (some: readonly Look[]) => Math.max(0, ...some.map(({ disk }) => disk))
  const flooded: Flood = {
    looks,
    written,
    rate: written / seconds,
    before: memoryIn(looks.slice(0, Math.floor(looks.length / 3))),
    after: memoryIn(looks.slice(-Math.floor(looks.length / 3))),
    firstPeak: peak(looks.filter((look) => look.seconds < FINDING_OUT_S)),
    laterPeak: peak(looks.filter((look) => look.seconds >= FINDING_OUT_S)),
    cpuPercent,
  }
  writeFloodPage(flooded, options)
  return holds(flooded)
}

/** What is claimed of a flood. */
export function holds({ before, after, laterPeak, rate }: Flood): boolean {
  return after.rss <= before.rss * (1 + FLAT) && laterPeak <= mostOf(rate)
}

/** What the log may take once its growth is known: the cap, and what it grows by between two looks. */
export function mostOf(rate: number): number {
  return CAP + rate * BETWEEN_LOOKS_S
}

const SETTLING_MS = 5000
const LOOK_MS = 100

async function watchFlood(seconds: number, { pid, log, go }: { pid: number; log: string; go: () => void }): Promise<Look[]> {
  const looks: Look[] = []
  const since = performance.now()
  const passed = () => (performance.now() - since) / 1000
  go()
  while (passed() < seconds) {
    looks.push({ seconds: passed(), ...memoryOf([pid]), disk: diskOf(log) })
    await sleep(LOOK_MS)
  }
  return looks
}

/** What the files take, not how long they are: a hole costs nothing. */
function diskOf(directory: string): number {
  const sizes = readdirSync(directory).map((name) => statSync(`${directory}/${name}`, { throwIfNoEntry: false })?.blocks ?? 0)
  return sizes.reduce((sum, blocks) => sum + blocks * 512, 0)
}

function memoryIn(looks: readonly Look[]): Flood['before'] {
  return { rss: median(looks.map(({ rss }) => rss)), anonymous: median(looks.map(({ anonymous }) => anonymous)) }
}

/** Should nothing bound the log, this is what the flood may come to. */
const ROOM_NEEDED = 8e9

function refuseSmallDisk(directory: string): void {
  const { bavail, bsize } = statfsSync(directory)
  if (bavail * bsize < ROOM_NEEDED) throw new Error(`${directory} has less than 8 GB free, which a flood without bounds may need`)
}
