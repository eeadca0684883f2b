import { randomBytes } from 'node:crypto'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chanceFrom } from '../../faults/chance.ts'
import type { Content } from '../../faults/packages.ts'
import { publishAgent } from '../agents.ts'
import { openStage, type Stage } from '../stage.ts'

/** From the environment, so that what was found is found again. */
const SEED = Number(process.env['BOOTAGENT_VM_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
const CUTS = Number(process.env['BOOTAGENT_VM_CUTS'] ?? 20)

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
  for (let nth = 0; nth < CUTS + 2; nth++) {
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

test.each(Array.from({ length: CUTS }, (_, nth) => ({ nth: nth + 1, moment: chance() })))(
  'power cut $nth in an upgrade, at $moment of it: afterwards one release runs, whole, and the server has one true result',
  async ({ nth, moment }) => {
    const before = runs
    const wanted = `1.${nth + 1}.0`
    const job = await upgradeTo(wanted)
    await pause(moment * longest)
    await stage.machine.cutPower()
    await stage.start()
    const { errcode, message } = await stage.ended(job)
    runs = errcode === 0 ? wanted : before
    process.stdout.write(`cut ${nth} after ${Math.round(moment * longest)} ms of ${Math.round(longest)}: ${message}\n`)
    const host = await stage.until(({ agents }) => agents[0]?.status === 'running' && agents[0].version === runs)
    expect(host.agents).toMatchObject([{ name: 'cut', version: runs, status: 'running' }])
    expect(stage.results(job)).toHaveLength(1)
    expect(await running()).toEqual([`sleep ${1_000_000 + Number(runs.split('.')[1])}`])
    expect(await contentInGuest(host.agents[0]?.release ?? '')).toEqual(contents.get(runs))
    expect(await stage.machine.sh('bootagent -T >/dev/null; echo $?')).toBe('0')
  },
)

async function upgradeTo(version: string): Promise<string> {
  return stage.order('upgrade', 'cut', '--package-version', version)
}

async function running(): Promise<string[]> {
  const { stdout } = await stage.machine.run(`pgrep --full --list-full '^sleep 1[0-9]{6}$'`)
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
