/**
 * `node test/conformance/run.ts agent|server`: puts a BootAgent or a server to every case and prints what holds.
 * docs/programs/conformance.md says more.
 */
import process from 'node:process'
import { AGENT_CASES } from './agent/all-cases.ts'
import { openAgentBench } from './agent/open-agent-bench.ts'
import type { Bench, BenchSettings, CaseFacts } from './bench.ts'
import { ConformanceError, EXIT_CODES } from './errors.ts'
import { judge, type Judgement, strangersOf, type Xfails } from './judge.ts'
import { type Options, readOptions, type SideName } from './read-options.ts'
import { readXfails } from './read-xfails.ts'
import { SERVER_CASES } from './server/all-cases.ts'
import { openServerBench } from './server/open-server-bench.ts'
import { row, summary } from './table.ts'

interface Side {
  readonly cases: readonly CaseFacts[]
  readonly xfails: URL
  readonly open: (settings: BenchSettings) => Promise<Bench>
}

const SIDES: Readonly<Record<SideName, Side>> = {
  agent: { cases: AGENT_CASES, xfails: new URL('agent/xfails.json', import.meta.url), open: openAgentBench },
  server: { cases: SERVER_CASES, xfails: new URL('server/xfails.json', import.meta.url), open: openServerBench },
}

process.exitCode = await main(process.argv.slice(2)).catch(explain)

async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv, process.env)
  const side = SIDES[options.side]
  if (options.list) {
    for (const { name, claim } of side.cases) process.stdout.write(`${name}\t${claim}\n`)
    return EXIT_CODES['as-expected']
  }
  const xfails = readXfails(options.xfails ?? side.xfails)
  refuseStrangers([
    ...options.only.filter((name) => side.cases.every((each) => each.name !== name)),
    ...strangersOf(xfails, side.cases),
  ])
  const bench = await side.open(options.settings)
  try {
    const judgements = await runAll(bench, side.cases, { ...options, known: xfails })
    return EXIT_CODES[judgements.every(({ right }) => right) ? 'as-expected' : 'not-as-expected']
  } finally {
    await bench.close()
  }
}

function refuseStrangers(names: readonly string[]): void {
  if (names.length > 0) throw new ConformanceError('usage', `there is no case ${names.join(', ')}`)
}

async function runAll(
  bench: Bench,
  cases: readonly CaseFacts[],
  { only, json, known }: Options & { known: Xfails },
): Promise<Judgement[]> {
  const judgements: Judgement[] = []
  for (const { name, claim } of cases.filter((each) => only.length === 0 || only.includes(each.name))) {
    const verdict = await bench.run(name)
    const judgement = judge(verdict, known)
    judgements.push(judgement)
    process.stdout.write(json ? `${JSON.stringify(verdict)}\n` : row(judgement, claim))
  }
  if (!json) process.stdout.write(summary(judgements))
  return judgements
}

function explain(error: unknown): number {
  if (!(error instanceof ConformanceError)) throw error
  process.stderr.write(`${error.message}\n`)
  return EXIT_CODES[error.code]
}
