import type { BenchOptions } from '../bench-options.ts'
import { FIGURES, FLAT, isFlat, type Sample, type Soak } from '../soak.ts'
import { linePlot } from './line-plot.ts'
import { alignedTable, markdownTable, type Table } from './table.ts'
import { megabytes } from './units.ts'
import { writeResults } from './write-results.ts'

/** Tells what was found: a row a sample, curves, and whether they are flat. */
export function writeSoakPage(soak: Soak, options: BenchOptions): void {
  const { samples, early, late, seconds } = soak
  const { reports, restarts } = samples.at(-1) ?? { reports: 0, restarts: 0 }
  const table = tableOf(samples)
  const title = `${reports} reports and ${restarts} restarts of agents`
  const verdict = isFlat(soak) ? 'flat' : 'not flat'
  const growth = FIGURES.map((figure) => `${figure} ${percentOf(late[figure] / early[figure] - 1)}`).join(', ')
  const summary = `Growth from the second fifth to the last: ${growth}; ${verdict} (at most ${percentOf(FLAT)}).`
  writeResults(
    {
      name: 'soak',
      title,
      text: `${alignedTable(table)}\n${summary}\n`,
      page: `**${summary}**

Ten agents that sleep for a few seconds are started again at once whenever they end, by one BootAgent, the executable that hosts get, which
reports as fast as it can be told to: ${reports} reports and ${restarts} restarts in ${seconds.toFixed(0)} s. Reports are counted by their server, restarts from the ends in
its log. Each row is the median of what was seen, four times a second, since the row before it; growth is between the medians of two fifths of the rows.

${markdownTable(table)}`,
      picture: linePlot(title, 'reports', [
        { title: 'RSS, MB', points: pointsOf(samples, 'rss'), show: megabytes },
        { title: 'Anonymous memory, MB', points: pointsOf(samples, 'anonymous'), show: megabytes },
        { title: 'Descriptors', points: pointsOf(samples, 'descriptors'), show: (count) => count.toFixed(0) },
      ]),
      figures: { soak, verdict },
    },
    options,
  )
}

function tableOf(samples: readonly Sample[]): Table {
  return [
    ['reports', 'restarts', 'RSS, MB', 'anonymous, MB', 'descriptors'],
    ...samples.map(({ reports, restarts, rss, anonymous, descriptors }) => [
      String(reports),
      String(restarts),
      megabytes(rss),
      megabytes(anonymous),
      descriptors.toFixed(0),
    ]),
  ]
}

function pointsOf(samples: readonly Sample[], figure: (typeof FIGURES)[number]): { x: number; y: number }[] {
  return samples.map((sample) => ({ x: sample.reports, y: sample[figure] }))
}

function percentOf(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
