import process from 'node:process'
import { systemClock } from '@bootagent/runtime'
import { findMetafile } from '../state/metafile.ts'
import type { AgentRecord } from '../state/metafile-schema.ts'
import { agentPaths, type Paths, pathsOf } from '../state/paths.ts'
import { lookAt } from '../supervise/look.ts'
import { readBootId, startedAt } from '../supervise/process-identity.ts'
import { describeExit } from '../trial/trial.ts'
import type { Options } from './options.ts'

/** One agent as this command sees it: from the disk and from /proc, so it is true with or without a daemon. */
interface Seen {
  readonly name: string
  readonly version: string
  readonly wanted: string
  /** `running` only with a living process that is proven to be the agent's. */
  readonly state: string
  readonly pid: number | undefined
  readonly uptime: number | undefined
  readonly why: string
}

/** Prints what each agent of this host does. Writes nothing; exit code 0, or 1 when this host has no metafile. */
export async function status(options: Options): Promise<number> {
  const paths = pathsOf(options.home, options.run)
  const found = await findMetafile(paths)
  if (found.kind === 'absent') {
    process.stderr.write(`bootagent: ${options.home} has no metafile: this host has never been started\n`)
    return 1
  }
  const bootid = readBootId()
  const agents = Object.entries(found.metafile.agents).map(([name, record]) => see(paths, bootid, { name, record }))
  process.stdout.write(
    options.json ? `${JSON.stringify({ agentsn: found.metafile.identity.agentsn, agents }, undefined, 2)}\n` : table(agents),
  )
  return 0
}

function see(paths: Paths, bootid: string, { name, record }: { name: string; record: AgentRecord }): Seen {
  const look = lookAt({ directory: agentPaths(paths, name).attempts, bootid }, ({ id }) =>
    record.exits.some((exit) => exit.attempt === id),
  )
  const exit = record.exits.at(-1)
  const started = look.main === undefined ? undefined : startedAt(look.main)
  return {
    name,
    version: record.release ?? 'none yet',
    wanted: record.wanted,
    state: look.main === undefined ? (record.fatal ? 'fatal' : 'not running') : 'running',
    pid: look.main?.pid,
    uptime: started === undefined ? undefined : Math.max(0, Math.floor(systemClock.uptime() - started)),
    why: look.main === undefined && exit !== undefined ? `the last one ${describeExit(exit)}; ${record.strikes} strikes` : '',
  }
}

function table(agents: readonly Seen[]): string {
  if (agents.length === 0) return 'No agents are installed on this host.\n'
  const rows = [
    ['AGENT', 'RELEASE', 'WANTED', 'STATE', 'PID', 'UPTIME', 'REMARK'],
    ...agents.map((each) => [
      each.name,
      each.version,
      each.wanted,
      each.state,
      String(each.pid ?? '-'),
      each.uptime === undefined ? '-' : `${each.uptime} s`,
      each.why,
    ]),
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}
