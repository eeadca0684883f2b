import type { BenchOptions } from '../bench-options.ts'
import type { Delivery, DeliveryTrials } from '../deliveries.ts'
import { median } from '../measure/median.ts'
import { barChart } from './bar-chart.ts'
import { alignedTable, markdownTable, type Table } from './table.ts'
import { megabytes, milliseconds } from './units.ts'
import { writeResults } from './write-results.ts'

/** Tells what was found: medians, and the ratio to the pipeline in the same run. */
export function writeDeliveriesPage(trials: readonly DeliveryTrials[], options: BenchOptions): void {
  const table = tableOf(trials)
  const title = 'Installing a large package'
  writeResults(
    {
      name: 'deliveries',
      title,
      text: alignedTable(table),
      page: `Medians of ${trials[0]?.deliveries.length ?? 0} rounds, BootAgent and the pipeline in turns; milliseconds, and megabytes of a million bytes. The packages are served by nginx
on the loopback. BootAgent's time runs from the first byte it asks for until the release is synced, renamed and on record: by then it has been hashed, judged entry by entry,
unpacked by a worker without rights, looked through once more and made root's. The pipeline (\`curl | tee >(sha256sum) | tar x\`, for the deb \`dpkg-deb -x\`) judges nothing,
and leaves all of it in the page cache; *synced* is the same with \`sync -f\` behind it, which is what a release must be before it is recorded.

${markdownTable(table)}`,
      picture: barChart(
        title,
        trials.map(({ package: { format }, deliveries, pipeline, durable }) => ({
          title: `${format}: milliseconds`,
          bars: [
            bar('BootAgent', median(deliveries.map(({ whole }) => whole))),
            bar('pipeline', median(pipeline)),
            bar('pipeline, synced', median(durable)),
          ],
        })),
      ),
      figures: { trials },
    },
    options,
  )
}

function bar(name: string, value: number) {
  return { name, value, text: `${milliseconds(value)} ms` }
}

function tableOf(trials: readonly DeliveryTrials[]): Table {
  const row = (title: string, cell: (trial: DeliveryTrials) => string) => [title, ...trials.map(cell)]
  const of = (trial: DeliveryTrials, field: keyof Delivery) => median(trial.deliveries.map((each) => each[field]))
  const ratio = (trial: DeliveryTrials, other: readonly number[]) => (of(trial, 'whole') / median(other)).toFixed(2)
  return [
    row('', ({ package: { format } }) => format),
    row('package, MB', ({ package: { bytes } }) => megabytes(bytes)),
    row('BootAgent, whole', (trial) => milliseconds(of(trial, 'whole'))),
    row('… download', (trial) => milliseconds(of(trial, 'download'))),
    row('… verify', (trial) => milliseconds(of(trial, 'verify'))),
    row('… unpack', (trial) => milliseconds(of(trial, 'unpack'))),
    row('pipeline', ({ pipeline }) => milliseconds(median(pipeline))),
    row('pipeline, synced', ({ durable }) => milliseconds(median(durable))),
    row('ratio to the pipeline', (trial) => ratio(trial, trial.pipeline)),
    row('ratio to the pipeline, synced', (trial) => ratio(trial, trial.durable)),
    row('daemon at most, MB', (trial) => megabytes(of(trial, 'daemon'))),
    row('worker at most, MB', (trial) => megabytes(of(trial, 'worker'))),
  ]
}
