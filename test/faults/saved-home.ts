import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type Metafile, readMetafile, writtenMetafile } from '../../packages/bootagent/src/state/metafile-schema.ts'
import { endAgentsOf } from '../../scripts/demo/end-agents.ts'
import type { Line } from '../../scripts/demo/program.ts'
import type { Fleet } from '../fleet.ts'

/**
 * Lets a host do what an operator asks, each in its turn, and keeps its home as it is then: many hosts can begin from it, and only this
 * one has had to be made.
 */
export async function saveHome(fleet: Fleet, name: string, requests: readonly (readonly string[])[]): Promise<string> {
  const host = fleet.startHost(name)
  await host.line(isReport)
  for (const request of requests) {
    const { id } = JSON.parse(await fleet.bootfleet(...request, '--host', name, '--json')) as { id: string }
    await host.line((line) => line['kind'] === 'job-done' && line['job'] === id)
  }
  await host.nextLine(isReport)
  await host.nextLine(isReport)
  await host.stop()
  endAgentsOf(fleet.homeOf(name))
  return fleet.homeOf(name)
}

/**
 * Gives a host that its server has never seen a home that was saved. Its agents do not run, as after a reboot. Its
 * servers are those of the saved one, or others.
 */
export function restoreHome(saved: string, home: string, who: { readonly agentsn: string; readonly servers?: string }): void {
  execFileSync('cp', ['--archive', '--no-target-directory', saved, home])
  for (const name of ['run', 'lock', 'metafile.prev.json']) rmSync(`${home}/${name}`, { recursive: true, force: true })
  const reading = readMetafile(readFileSync(`${home}/metafile.json`, 'utf8'))
  if (reading.kind !== 'ok') throw new Error(`the metafile that was saved is ${reading.kind}`)
  const { metafile } = reading
  const identity: Metafile['identity'] = { ...metafile.identity, agentsn: who.agentsn, standing: 'claimed' }
  const svrlist = who.servers ?? metafile.svrlist
  writeFileSync(`${home}/metafile.json`, writtenMetafile({ ...metafile, identity, svrlist, jobs: {}, events: [] }))
}

function isReport(line: Line): boolean {
  return line['kind'] === 'reported'
}
