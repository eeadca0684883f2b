import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import type { HostJob } from '@bootagent/protocol'
import type { Line, Program } from '../../scripts/demo/program.ts'
import type { Fleet } from '../fleet.ts'

/** Publishes an agent that is one shell script, as `tiny` unless it has another name. */
export async function publishTiny(
  fleet: Fleet,
  version: string,
  { body = 'exec sleep 1000000', name = 'tiny' } = {},
): Promise<void> {
  const tree = `${fleet.directory}/${name}-${version}`
  mkdirSync(tree)
  writeFileSync(`${tree}/${name}`, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  execFileSync('tar', ['-C', tree, '-czf', `${tree}.tar.gz`, name])
  await fleet.bootfleet('publish', `${tree}.tar.gz`, '--name', name, '--package-version', version)
}

/** Orders by the command line; resolves to the id of the job that was made. */
export async function order(fleet: Fleet, ...args: string[]): Promise<string> {
  return (JSON.parse(await fleet.bootfleet(...args, '--json')) as { id: string }).id
}

/** One host's part in a job as the server knows it now. */
export async function partOf(fleet: Fleet, agentsn: string, job: string): Promise<HostJob> {
  const { hosts } = await fleet.job(job)
  const part = hosts.find((host) => host.agentsn === agentsn)
  if (part === undefined) throw new Error(`job ${job} is not for ${agentsn}`)
  return part
}

/** Waits, report after report, until the host's part in the job is as it should be. */
export async function until(
  where: { fleet: Fleet; host: Program; agentsn: string; job: string },
  answers: (part: HostJob) => boolean,
): Promise<HostJob> {
  for (;;) {
    const part = await partOf(where.fleet, where.agentsn, where.job)
    if (answers(part)) return part
    await where.host.nextLine(isReport)
  }
}

export function hasEnded({ state }: HostJob): boolean {
  return state === 'succeeded' || state === 'failed'
}

export function isReport(line: Line): boolean {
  return line['kind'] === 'reported'
}

/** True of the line that says that a host does this step. */
export function isStep(step: string): (line: Line) => boolean {
  return (line) => line['kind'] === 'step-begun' && line['step'] === step
}
