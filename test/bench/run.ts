import { join, resolve } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { type BenchOptions, say } from './bench-options.ts'
import { deliveries } from './deliveries.ts'
import { flood } from './flood.ts'
import { resident } from './resident.ts'
import { openRoom } from './room.ts'
import { soak } from './soak.ts'
import { supervisors } from './supervisors.ts'

/** What can be measured; README.md says what each does. Resolves with whether what it holds against a bound has held. */
const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<boolean>>> = {
  resident,
  supervisors,
  soak,
  flood,
  deliveries,
}

const ROOT = join(import.meta.dirname, '../..')

/**
 * `npm run bench -- NAME [--quick] [--out DIR]`. Results go to docs/benchmarks; with `--quick` to .cache/bench/results, since its figures
 * are not for quoting. Exit code 1 when something failed or a bound was broken, 2 when there is no such benchmark.
 */
// What a failed benchmark has left open must not keep us.
process.exit(await main())

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, out: { type: 'string' } },
  })
  const [name = ''] = positionals
  const bench = BENCHES[name]
  if (bench === undefined) {
    process.stderr.write(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')} [--quick] [--out DIR]\n`)
    return 2
  }
  const out = values.out ?? join(ROOT, values.quick ? '.cache/bench/results' : 'docs/benchmarks')
  const command = ['npm run bench --', name, ...(values.quick ? ['--quick'] : [])].join(' ')
  const room = openRoom()
  try {
    return (await bench({ quick: values.quick, out: resolve(out), command, room })) ? 0 : 1
  } catch (error) {
    say(`failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    return 1
  } finally {
    room.clear()
  }
}
