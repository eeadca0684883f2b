import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, rmdirSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Line } from '../../scripts/demo/program.ts'
import { type Fleet, startFleet } from '../fleet.ts'
import { plantAgents } from './plant-agents.ts'
import { metafileIn } from './puppet-host.ts'
import { tieStrings } from './puppet.ts'

let fleet: Fleet

beforeAll(async () => {
  fleet = await startFleet()
})

afterAll(() => fleet.end())

test.runIf(canMount())(
  'on a full disk agents are kept on, ends are learned, and all is told once there is room',
  async ({ onTestFinished }) => {
    const home = fleet.homeOf('brimming')
    mountSmall(home)
    onTestFinished(() => unmount(home))
    // As on a real host, where it is in memory.
    mountSmall(`${home}/run`)
    onTestFinished(() => unmount(`${home}/run`))
    const strings = { calm: tieStrings(`${fleet.directory}/calm.pipe`), restless: tieStrings(`${fleet.directory}/restless.pipe`) }
    onTestFinished(() => Object.values(strings).forEach(({ cut }) => cut()))
    plantAgents(home, fleet.url, {
      calm: { strings: strings.calm },
      restless: { strings: strings.restless, restart: { delay: 0, strikes: 10 } },
    })
    const host = fleet.startHost('brimming', {}, { pace: { restart: { grace: 5, check: 0.2 } } })
    onTestFinished(() => host.stop('SIGKILL'))
    const started = (name: string) => (line: Line) => line['kind'] === 'agent-started' && line['name'] === name
    const { pid } = await host.line(started('calm'))
    await host.line(started('restless'))
    await host.line(({ kind }) => kind === 'reported')

    const report = () => host.nextLine(({ kind }) => kind === 'reported')
    // What it wrote goes with the events of its ends, which are then too large for the room that a replaced metafile leaves.
    strings.restless.tell(...Array.from({ length: 40 }, () => `note ${'x'.repeat(240)}`), 'note done')
    while (!readFileSync(`${home}/agents/restless/log/output.log`, 'utf8').endsWith('done\n')) await report()
    await fillUp(home, report)
    for (const code of [3, 4]) {
      const again = host.nextLine(started('restless'))
      strings.restless.tell(`exit ${code}`)
      const { exit } = await host.line((line) => codeOf(line) === code)
      expect(exit).toMatchObject({ cause: 'exit-code', abnormal: true })
      await again
    }
    expect(() => process.kill(Number(pid), 0)).not.toThrow()
    expect(metafileIn(home).agents['restless']?.exits).toEqual([])

    rmSync(`${home}/filler`)
    while (metafileIn(home).agents['restless']?.exits.length !== 2 || metafileIn(home).events.length > 0) await report()
    const { agents, events } = await fleet.host('brimming')
    expect(agents).toMatchObject([
      { name: 'calm', status: 'running', pid, restarts: 0 },
      { name: 'restless', status: 'running', restarts: 2 },
    ])
    expect(
      events.filter(({ category }) => category === 'agent-exit').map(({ message }) => message.match(/exit code \d/)?.[0]),
    ).toEqual(['exit code 4', 'exit code 3'])
  },
)

function codeOf({ exit }: Line): unknown {
  return (exit as { code?: number } | undefined)?.code
}

/** A write that was under way leaves the room of what it has replaced: looked at again after whatever the host had to write. */
async function fillUp(directory: string, quiet: () => Promise<unknown>): Promise<void> {
  for (let room = roomIn(directory); room > 0; room = roomIn(directory)) {
    appendFileSync(`${directory}/filler`, Buffer.alloc(room))
    await quiet()
  }
}

function roomIn(directory: string): number {
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}

function mountSmall(directory: string): void {
  mkdirSync(directory, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=700', 'tmpfs', directory], { stdio: 'ignore' })
}

/** Lazily: a process that dies slowly must not keep the test's directory. */
function unmount(directory: string): void {
  execFileSync('umount', ['--lazy', directory])
}

/** Mounting takes root, and a container may forbid it even then. */
function canMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'bootagent-mount-'))
  try {
    mountSmall(directory)
    unmount(directory)
    return true
  } catch (error) {
    if ((error as { status?: number }).status === undefined) throw error
    return false
  } finally {
    rmdirSync(directory)
  }
}
