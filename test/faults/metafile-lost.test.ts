import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import type { HostSummary } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { readMetafile } from '../../packages/bootagent/src/state/metafile-schema.ts'
import type { Line, Program } from '../../scripts/demo/program.ts'
import { type Fleet, type HostLike, startFleet } from '../fleet.ts'
import { lookAtProcesses } from './oracle.ts'

/** Its identity is drawn by chance: made new, it would be another host. */
const LIKE: HostLike = { machine: 'without id' }

test.skipIf(process.geteuid?.() !== 0)(
  'with both copies of its metafile damaged a host is not made new, its agent runs on, and a backup brings back who it was and adopts the agent',
  async ({ onTestFinished }) => {
    const fleet = await startFleet()
    onTestFinished(() => fleet.end())
    const home = fleet.homeOf('host')
    const [metafile, copy, backup] = [`${home}/metafile.json`, `${home}/metafile.prev.json`, `${fleet.directory}/backup`]
    const first = await startWithAgent(fleet)
    copyFileSync(metafile, backup)
    const [agentsn = ''] = await hostsOf(fleet)
    // The backup knows nothing of the process that runs from here on.
    await order(fleet, first, ['restart', 'tiny', '--host', agentsn])
    const running = lookAtProcesses(home)
    expect(running).toMatchObject([{ command: 'sleep 1000000' }])

    await first.stop('SIGKILL')
    truncateSync(metafile, 100)
    writeFileSync(copy, readFileSync(copy, 'utf8').replace('"step": 0.2', '"step": 0.3'))
    expect(await fleet.startHost('host', {}, LIKE).ended).toContain('ended (5)')
    const said = readFileSync(`${fleet.directory}/host.log`, 'utf8')
    expect(said).toContain(`no usable copy in ${copy}. Restore one of them from a backup.`)
    expect(lookAtProcesses(home)).toEqual(running)

    copyFileSync(backup, metafile)
    const restored = fleet.startHost('host', {}, LIKE)
    await restored.line(isReport)
    await restored.nextLine(isReport)
    expect([await hostsOf(fleet), identityIn(metafile)]).toEqual([[agentsn], agentsn])
    expect((await fleet.host(agentsn)).agents).toMatchObject([{ name: 'tiny', status: 'running', version: '1.0.0' }])
    expect(lookAtProcesses(home)).toEqual(running)
    // It is looked after again, and not only there.
    await order(fleet, restored, ['stop', 'tiny', '--host', agentsn])
    expect(lookAtProcesses(home)).toEqual([])
  },
)

/** A host with one agent, told to its server. */
async function startWithAgent(fleet: Fleet): Promise<Program> {
  const tree = `${fleet.directory}/tree`
  mkdirSync(tree)
  writeFileSync(`${tree}/tiny`, '#!/bin/sh\nexec sleep 1000000\n', { mode: 0o755 })
  execFileSync('tar', ['-C', tree, '-czf', `${tree}.tar.gz`, 'tiny'])
  await fleet.bootfleet('publish', `${tree}.tar.gz`, '--name', 'tiny', '--package-version', '1.0.0')
  const host = fleet.startHost('host', {}, LIKE)
  await host.line(isReport)
  await order(fleet, host, ['install', 'tiny', '--package-version', '1.0.0', '--all'])
  await host.nextLine(isReport)
  return host
}

/** Has a job done, and sees it succeed. */
async function order(fleet: Fleet, host: Program, request: readonly string[]): Promise<void> {
  const { id } = JSON.parse(await fleet.bootfleet(...request, '--json')) as { id: string }
  const { result } = (await host.line((line) => line['kind'] === 'job-done' && line['job'] === id)) as { result?: unknown }
  expect(result).toMatchObject({ errcode: 0 })
}

async function hostsOf(fleet: Fleet): Promise<string[]> {
  const { hosts } = JSON.parse(await fleet.bootfleet('hosts', '--json')) as { hosts: HostSummary[] }
  return hosts.map(({ agentsn }) => agentsn)
}

function identityIn(metafile: string): string {
  const reading = readMetafile(readFileSync(metafile, 'utf8'))
  return reading.kind === 'ok' ? reading.metafile.identity.agentsn : reading.kind
}

function isReport(line: Line): boolean {
  return line['kind'] === 'reported'
}
