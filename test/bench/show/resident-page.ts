import type { BenchOptions } from '../bench-options.ts'
import { BUDGET, isWithin, type ResidentFindings } from '../resident.ts'
import { barChart } from './bar-chart.ts'
import { alignedTable, markdownTable, type Table } from './table.ts'
import { megabytes, milliseconds, percent } from './units.ts'
import { writeResults } from './write-results.ts'

/** Tells what was found: a column a number of agents, beside a Node that does nothing. */
export function writeResidentPage(findings: ResidentFindings, options: BenchOptions): void {
  const { version, residents, bare, bareStartMs, idleSeconds, starts } = findings
  const table: Table = [
    ['', ...residents.map(({ agents }) => `${agents} agents`), 'bare Node', 'allowed'],
    ['RSS, MB', ...residents.map(({ daemon }) => megabytes(daemon.rss)), megabytes(bare.daemon.rss), megabytes(BUDGET.rss)],
    [
      'anonymous, MB',
      ...residents.map(({ daemon }) => megabytes(daemon.anonymous)),
      megabytes(bare.daemon.anonymous),
      megabytes(BUDGET.anonymous),
    ],
    ['CPU, % of a core', ...residents.map(({ cpuPercent }) => percent(cpuPercent)), percent(bare.cpuPercent), '0.05'],
    [
      'start to first answered report, ms',
      ...residents.map(({ firstReportMs }) => milliseconds(firstReportMs)),
      `${milliseconds(bareStartMs)} (start to end)`,
      milliseconds(BUDGET.firstReportMs),
    ],
  ]
  const title = 'BootAgent at rest'
  const verdict = residents.every(isWithin) ? 'within what is allowed' : 'over what is allowed'
  writeResults(
    {
      name: 'resident',
      title,
      text: `${alignedTable(table)}\n${verdict}\n`,
      page: `**Memory and start: ${verdict}.**

BootAgent ${version}, started as its guard starts it, with agents that sleep; it reports every 60 s to a server on the loopback. Memory is \`Rss\` and \`Anonymous\`
of \`/proc/PID/smaps_rollup\` after ${idleSeconds} s without anything to do, in millions of bytes: anonymous memory is what the program owns, the rest are pages of its file, which
the kernel takes back when it needs them, and of which a fresh file in the page cache may show more. A start takes over agents that run already; the time is the median of ${starts},
from the fork of the process until its log says that the report was answered. All at once, through the same seconds; "bare Node" is \`node -e\` of the same version.

${markdownTable(table)}`,
      picture: barChart(title, [
        panel('RSS, MB', findings, ({ daemon }) => daemon.rss, megabytes),
        panel('Anonymous memory, MB', findings, ({ daemon }) => daemon.anonymous, megabytes),
      ]),
      figures: { ...findings, verdict },
    },
    options,
  )
}

function panel(
  title: string,
  { residents, bare }: ResidentFindings,
  figure: (idle: ResidentFindings['bare']) => number,
  show: (value: number) => string,
) {
  const named = [...residents.map((each) => [`BootAgent, ${each.agents}`, each] as const), ['bare Node', bare] as const]
  return { title, bars: named.map(([name, idle]) => ({ name, value: figure(idle), text: show(figure(idle)) })) }
}
