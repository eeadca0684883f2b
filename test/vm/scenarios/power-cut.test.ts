import { randomBytes } from 'node:crypto'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chanceFrom } from '../../faults/chance.ts'
import type { Content } from '../../faults/packages.ts'
import { publishAgent } from '../agents.ts'
import { openStage, runsSince, type Stage } from '../stage.ts'

/** From the environment, so that what was found is found again. */
const SEED = Number(process.env['BOOTAGENT_VM_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
const CUTS = Number(process.env['BOOTAGENT_VM_CUTS'] ?? 20)
const REBOOTS = Math.ceil(CUTS / 5)

const chance = chanceFrom(SEED)
const contents = new Map<string, Content>()

let stage: Stage
/** How long an upgrade takes on this computer, in ms; the moments are drawn from it. */
let longest = 0
/** The release that runs. */
let runs = '1.0.0'

beforeAll(async () => {
  process.stdout.write(`power cuts: seed ${SEED} (BOOTAGENT_VM_SEED)\n`)
  stage = await openStage('power-cut')
  // Two before the first cut, and one for each.
  for (let nth = 0; nth < CUTS + REBOOTS + 2; nth++) {
    const version = `1.${nth}.0`
    // Each runs a command that only it runs; and is large enough that there is a middle to be cut in.
    const agent = { name: 'cut', version, script: `exec sleep ${1_000_000 + nth}`, beside: { data: randomBytes(4 * 1024 ** 2) } }
    contents.set(version, await publishAgent(stage.fleet, agent))
  }
  await stage.start()
  await stage.install()
  await stage.ended(await stage.order('install', 'cut', '--package-version', '1.0.0'))
  const since = performance.now()
  await stage.ended(await upgradeTo('1.1.0'))
  longest = performance.now() - since
  runs = '1.1.0'
  await stage.until(({ agents }) => agents[0]?.version === runs)
})

afterAll(() => stage.end())

/** How a host is stopped in the middle of everything, and started again. */
const INTERRUPTIONS = {
  'power cut': async () => {
    await stage.machine.cutPower()
    await stage.start()
  },
  reboot: async () => {
    await stage.machine.reboot()
  },
}

const INTERRUPTED = [
  ...Array.from({ length: CUTS }, () => 'power cut' as const),
  ...Array.from({ length: REBOOTS }, () => 'reboot' as const),
].map((kind, index) => ({ kind, nth: index + 1, percent: Math.round(chance() * 100) }))

test.each(INTERRUPTED)(
  '$nth: $kind at $percent % of an upgrade: afterwards one release runs, whole, and the server has one true result',
  async ({ kind, nth, percent }) => {
    const before = runs
    const wanted = `1.${nth + 1}.0`
    const job = await upgradeTo(wanted)
    await pause((longest * percent) / 100)
    await INTERRUPTIONS[kind]()
    // What the server knows from before says nothing of now.
    const since = Date.now() / 1000
    const { errcode, message } = await stage.ended(job)
    runs = errcode === 0 ? wanted : before
    process.stdout.write(
      `${nth}: ${kind} after ${Math.round((longest * percent) / 100)} ms of ${Math.round(longest)}: ${message}\n`,
    )
    const host = await stage.until((seen) => runsSince(seen, since))
    expect(host.agents).toMatchObject([{ name: 'cut', version: runs, status: 'running' }])
    expect(stage.results(job)).toHaveLength(1)
    await stage.machine.sh(`until pgrep --full '${SLEEPS}' >/dev/null; do sleep 0.2; done`)
    expect(await running()).toEqual([`sleep ${1_000_000 + Number(runs.split('.')[1])}`])
    expect(await contentInGuest(host.agents[0]?.release ?? '')).toEqual(contents.get(runs))
  },
)

async function upgradeTo(version: string): Promise<string> {
  return stage.order('upgrade', 'cut', '--package-version', version)
}

const SLEEPS = '^sleep 1[0-9]{6}$'

async function running(): Promise<string[]> {
  const { stdout } = await stage.machine.run(`pgrep --full --list-full '${SLEEPS}'`)
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.replace(/^\d+ /, ''))
}

/** As {@link Content}; of files alone, of which these packages consist. */
async function contentInGuest(release: string): Promise<Content> {
  const listed = await stage.machine.sh(
    `cd /var/lib/bootagent/agents/cut/releases/${release} && find . -type f -exec sha256sum {} +`,
  )
  const entries = listed.split('\n').map((line) => [line.slice(68), line.slice(0, 64)] as const)
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
