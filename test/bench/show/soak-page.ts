import type { BenchOptions } from '../bench-options.ts'
import { FIGURES, FLAT, isFlat, type Sample, type Soak } from '../soak.ts'
import { linePlot } from './line-plot.ts'
import { alignedTable, markdownTable, type Table } from './table.ts'
import { megabytes } from './units.ts'
import { writeResults } from './write-results.ts'

/** Tells what was found: a row a sample, curves, and whether they are flat. */
export function writeSoakPage(soak: Soak, options: BenchOptions): void {
  const { samples, from, last, reports, seconds } = soak
  const table = tableOf(samples)
  const title = `${last.restarts} restarts of agents`
  const verdict = isFlat(soak) ? 'flat' : 'not flat'
  const growth = FIGURES.map((figure) => `${figure} ${percentOf(last[figure] / from[figure] - 1)}`).join(', ')
  const summary = `Growth from ${from.restarts} to ${last.restarts} restarts: ${growth}; ${verdict} (at most ${percentOf(FLAT)}).`
  writeResults(
    {
      name: 'soak',
      title,
      text: `${alignedTable(table)}\n${summary}\n`,
      page: `**${summary}**

Ten agents that sleep for 20 ms are started again at once whenever they end, by one BootAgent, the executable that hosts get, which reports
as fast as it can be told to: ${last.restarts} restarts and ${reports} reports in ${seconds.toFixed(0)} s. Restarts are counted from the ends in its log. Each row is
the median of what was seen, four times a second, since the row before it.

${markdownTable(table)}`,
      picture: linePlot(title, 'restarts', [
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
    ['restarts', 'RSS, MB', 'anonymous, MB', 'descriptors'],
    ...samples.map(({ restarts, rss, anonymous, descriptors }) => [
      String(restarts),
      megabytes(rss),
      megabytes(anonymous),
      descriptors.toFixed(0),
    ]),
  ]
}

function pointsOf(samples: readonly Sample[], figure: (typeof FIGURES)[number]): { x: number; y: number }[] {
  return samples.map((sample) => ({ x: sample.restarts, y: sample[figure] }))
}

function percentOf(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
