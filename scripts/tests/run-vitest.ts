import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { type Report, readReport, type Tally } from './read-report.ts'
import { SKIPPED_FILE, type Skipped } from './skip-reporter.ts'

const ROOT = dirname(dirname(import.meta.dirname))
const CACHE = join(ROOT, '.cache')

/** What a run of vitest came to. */
export interface TestRun {
  readonly tally: Tally
  readonly skipped: readonly Skipped[]
}

/** How vitest is run, where it is not as `npm test` does. */
interface Way {
  /** A configuration below the root. */
  readonly config?: string
  /** The one that shows a person how it goes. */
  readonly reporter?: 'default' | 'verbose'
}

/** Runs the test files whose path holds one of the patterns, or all; vitest's own output is shown as it comes. */
export function runVitest(patterns: readonly string[], { config, reporter = 'default' }: Way = {}): TestRun {
  const reportFile = join(CACHE, `vitest-${process.pid}.json`)
  const skippedFile = join(CACHE, `skipped-${process.pid}.json`)
  mkdirSync(CACHE, { recursive: true })
  const reporters = [reporter, 'json', './scripts/tests/skip-reporter.ts'].map((name) => `--reporter=${name}`)
  const configured = config === undefined ? [] : ['--config', config, '--root', '.']
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    ...configured,
    ...reporters,
    `--outputFile.json=${reportFile}`,
    ...patterns,
  ]
  const env = { ...process.env, [SKIPPED_FILE]: skippedFile }
  try {
    const { status } = spawnSync(process.execPath, args, { cwd: ROOT, env, stdio: 'inherit' })
    const report = readJson<Report>(reportFile) ?? { testResults: [] }
    return { tally: blame(readReport(report), status), skipped: readJson<Skipped[]>(skippedFile) ?? [] }
  } finally {
    rmSync(reportFile, { force: true })
    rmSync(skippedFile, { force: true })
  }
}

/** Vitest fails for more than tests: no file matched, an error outside any test, its own death. That is one failure as well. */
function blame(tally: Tally, status: number | null): Tally {
  return status === 0 || tally.failed > 0 ? tally : { ...tally, failed: 1 }
}

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
