import type { BenchOptions } from '../bench-options.ts'
import { BETWEEN_LOOKS_S, CAP, FINDING_OUT_S, FLAT, type Flood, holds, mostOf } from '../flood.ts'
import { linePlot } from './line-plot.ts'
import { alignedTable, markdownTable, type Table } from './table.ts'
import { megabytes } from './units.ts'
import { writeResults } from './write-results.ts'

/** Tells what was found: a table, curves, and whether BootAgent's memory and the log were within their bounds. */
export function writeFloodPage(flood: Flood, options: BenchOptions): void {
  const { looks, rate, ...figures } = flood
  const table = tableOf(flood)
  const title = 'An agent that floods its log'
  const verdict = holds(flood) ? 'holds' : 'does not hold'
  const bound = `RSS grown by at most ${FLAT * 100} % from the first third to the last, and the log within ${megabytes(mostOf(rate))} MB once its growth is known`
  const summary = `${megabytes(rate)} MB a second: ${bound}: ${verdict}.`
  writeResults(
    {
      name: 'flood',
      title,
      text: `${alignedTable(table)}\n${summary}\n`,
      page: `**${summary}**

The agent writes straight into its log file, 10 MB at a time; its bytes never pass through BootAgent, which looks at a log every 10 s at
rest and the more often the faster it grows. Until it has looked once at a log that was quiet and now floods, nothing bounds it: that is
the most of the first ${FINDING_OUT_S} s. From then on it is the cap, and what the log grows by between two looks (${BETWEEN_LOOKS_S} s at most). Disk is what the files take (blocks), seen ten times a second.

${markdownTable(table)}`,
      picture: linePlot(title, 'seconds', [
        { title: 'RSS of BootAgent, MB', points: looks.map((look) => ({ x: look.seconds, y: look.rss })), show: megabytes },
        { title: 'Log on the disk, MB', points: looks.map((look) => ({ x: look.seconds, y: look.disk })), show: megabytes },
      ]),
      figures: { verdict, flood: { rate, ...figures } },
    },
    options,
  )
}

function tableOf({ before, after, written, rate, firstPeak, laterPeak, cpuPercent }: Flood): Table {
  return [
    ['', ''],
    ['written, MB', megabytes(written)],
    ['written, MB a second', megabytes(rate)],
    ['BootAgent: RSS in the first third, MB', megabytes(before.rss)],
    ['BootAgent: RSS in the last third, MB', megabytes(after.rss)],
    ['BootAgent: anonymous in the first third, MB', megabytes(before.anonymous)],
    ['BootAgent: anonymous in the last third, MB', megabytes(after.anonymous)],
    ['BootAgent: CPU meanwhile, % of a core', cpuPercent.toFixed(1)],
    [`log on disk: most in the first ${FINDING_OUT_S} s, MB`, megabytes(firstPeak)],
    ['log on disk: most after that, MB', megabytes(laterPeak)],
    ['log on disk: cap, MB', megabytes(CAP)],
  ]
}
