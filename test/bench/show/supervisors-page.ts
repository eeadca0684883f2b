import type { BenchOptions } from '../bench-options.ts'
import type { Figures, Findings, Floor } from '../supervisors.ts'
import { barChart, type Panel } from './bar-chart.ts'
import { alignedTable, markdownTable, type Table } from './table.ts'
import { megabytes, milliseconds, percent } from './units.ts'
import { writeResults } from './write-results.ts'

/** One row of the table: what it shows, of a contender and of a bare Node. */
interface Row {
  readonly title: string
  readonly of: (figures: Figures) => string
  readonly ofFloor?: (floor: Floor) => string
}

const ROWS: readonly Row[] = [
  { title: 'daemon: RSS, MB', of: ({ daemon }) => megabytes(daemon.rss), ofFloor: ({ daemon }) => megabytes(daemon.rss) },
  {
    title: 'daemon: anonymous, MB',
    of: ({ daemon }) => megabytes(daemon.anonymous),
    ofFloor: ({ daemon }) => megabytes(daemon.anonymous),
  },
  { title: 'helpers', of: ({ helpers }) => String(helpers.count) },
  { title: 'helpers: RSS, MB', of: ({ helpers }) => megabytes(helpers.rss) },
  { title: 'helpers: anonymous, MB', of: ({ helpers }) => megabytes(helpers.anonymous) },
  {
    title: 'idle CPU, % of a core',
    of: ({ cpuPercent }) => percent(cpuPercent),
    ofFloor: ({ cpuPercent }) => percent(cpuPercent),
  },
  { title: 'kill -9 of an agent: known after, ms', of: ({ noticeMs }) => milliseconds(noticeMs) },
  { title: 'from nothing to all running, ms', of: ({ startMs }) => milliseconds(startMs) },
  { title: 'kill -9 of the daemon: in control after, ms', of: ({ recoverMs }) => milliseconds(recoverMs) },
  { title: '… agents that survived, same pid', of: ({ survivors }) => String(survivors) },
  { title: '… of them adopted', of: ({ adopted }) => String(adopted) },
  { title: '… agents that run twice', of: ({ twice }) => String(twice) },
  { title: 'agents in control groups of their own', of: ({ grouped }) => String(grouped) },
]

/** Tells what was found: a table for each number of agents, what each figure means, and a picture. */
export function writeSupervisorsPage(findings: Findings, options: BenchOptions): void {
  const sizes = [...Map.groupBy(findings.figures, ({ agents }) => agents)]
  const tables = sizes.map(([agents, figures], index) => ({ agents, table: tableOf(figures, findings.floors[index]) }))
  const title = 'Supervisors side by side'
  writeResults(
    {
      name: 'supervisors',
      title,
      text: tables.map(({ agents, table }) => `${agents} agents\n${alignedTable(table)}\n`).join(''),
      page: `${tables.map(({ agents, table }) => `## ${agents} agents\n\n${markdownTable(table)}\n`).join('')}${meaning(findings)}`,
      picture: barChart(
        title,
        sizes.flatMap(([agents, figures]) => panelsOf(agents, figures)),
      ),
      figures: findings,
    },
    options,
  )
}

function tableOf(figures: readonly Figures[], floor: Floor | undefined): Table {
  const heading = ['', ...figures.map(({ name }) => name), 'bare Node']
  const rows = ROWS.map(({ title, of, ofFloor }) => [
    title,
    ...figures.map(of),
    floor === undefined || ofFloor === undefined ? '' : ofFloor(floor),
  ])
  return [heading, ...rows]
}

function panelsOf(agents: number, figures: readonly Figures[]): Panel[] {
  const panel = (title: string, value: (each: Figures) => number, show: (value: number) => string): Panel => ({
    title: `${title}, ${agents} agents`,
    bars: figures.map((each) => ({ name: each.name, value: value(each), text: show(value(each)) })),
  })
  return [
    panel(
      'Anonymous memory of daemon and helpers',
      ({ daemon, helpers }) => daemon.anonymous + helpers.anonymous,
      (v) => `${megabytes(v)} MB`,
    ),
    panel(
      'RSS of the daemon',
      ({ daemon }) => daemon.rss,
      (value) => `${megabytes(value)} MB`,
    ),
    panel(
      'Idle CPU',
      ({ cpuPercent }) => cpuPercent,
      (value) => `${percent(value)} %`,
    ),
    panel(
      'From nothing to all running',
      ({ startMs }) => startMs,
      (value) => `${milliseconds(value)} ms`,
    ),
    panel(
      'In control again after kill -9 of the daemon',
      ({ recoverMs }) => recoverMs,
      (value) => `${milliseconds(value)} ms`,
    ),
    panel('Agents that run twice after that', ({ twice }) => twice, String),
  ]
}

function meaning({ figures, idleSeconds, runs }: Findings): string {
  const versions = [...new Set(figures.map(({ name, version }) => `${name} ${version}`))].join('; ')
  return `## What the figures mean

Versions: ${versions}. BootAgent is the executable that hosts get, started as its guard does it; PM2 runs by the same
Node. An agent is \`sleep\`; "BootAgent, limits" has the same agents with limits for CPU, memory and pids. BootAgent reports every 60 s to
a server on the loopback that only acknowledges; the others report to nobody. "Bare Node" is \`node -e 'setInterval(…)'\`.

- **Memory** is \`Rss\` and \`Anonymous\` of \`/proc/PID/smaps_rollup\`, in millions of bytes, after ${idleSeconds} s without anything to do.
  Helpers are all processes of a supervisor besides its daemon and the agents: BootAgent has one \`sh\` for each agent, which is what lets
  agents outlive it. Their RSS counts the pages of \`sh\` and its libraries, which they share, once for each.
- **Idle CPU** is processor time of daemon and helpers by the kernel's scheduler, over ${idleSeconds} s in which all of them were up at once.
- **Known after** is the time from \`kill -9\` of an agent to the line in the supervisor's log that tells of its end. The log is watched by
  inotify; the figure is the median of 3 agents, of ${runs} ${runs === 1 ? 'run' : 'runs'}.
- **From nothing to all running** begins with the start of the daemon (PM2: of \`pm2 start\`) and ends when the log has told of every agent
  that it runs. BootAgent proves of each that it has become its program. supervisord is given \`startsecs=0\`, so that it does not wait.
- **In control after** begins with the next start of the daemon (PM2: with \`pm2 resurrect\`, after an earlier \`pm2 save\`) and ends when the
  log has told of every agent that it runs, be it adopted or started. Median of ${runs} ${runs === 1 ? 'run' : 'runs'}, as the counts below it are.
- **Survived** counts the agents' processes of before that live afterwards; **adopted** those of them that the new daemon says are its own;
  **run twice** the agents of which two processes live afterwards. A \`sleep\` never writes, and so survives anything; under PM2 and
  supervisord, whose pipe breaks with the daemon, an agent that writes dies of its next line.
- **Control groups of their own**: BootAgent makes them where the host lets it; where the count is 0, limits are watched and not enforced.
`
}
