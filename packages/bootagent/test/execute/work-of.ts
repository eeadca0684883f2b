import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog, systemClock } from '@bootagent/runtime'
import { onTestFinished } from 'vitest'
import { createRates } from '../../src/execute/rates.ts'
import { createSlots, createTurns } from '../../src/execute/slots.ts'
import type { Work, WorkerTools } from '../../src/execute/tools.ts'
import type { Metafile } from '../../src/state/metafile-schema.ts'
import { type Paths, pathsOf } from '../../src/state/paths.ts'
import { runInWorker } from '../../src/worker/spawn-worker.ts'
import { exampleMetafile } from '../scenes/example-metafile.ts'
import { PROGRAM } from '../worker/workplace.ts'

/** The work of one job as its steps see it, on a real disk and with real workers; and what was told of it. */
export interface TestWork {
  readonly work: Work
  readonly paths: Paths
  /** Notes of its progress, each once. */
  readonly notes: string[]
}

/** What a test sets apart. */
export interface WorkLike extends Partial<Pick<Work, 'signal' | 'cutShort' | 'clock'>> {
  readonly worker?: Partial<WorkerTools>
  readonly metafile?: Metafile
}

export function workOf({ worker, metafile = exampleMetafile(), ...more }: WorkLike = {}): TestWork {
  const paths = makeHome()
  const notes: string[] = []
  const work = {
    paths,
    metafile: { read: () => metafile },
    clock: systemClock,
    log: silentLog,
    cache: { bytes: 0, count: 0 },
    key: 'a job',
    signal: new AbortController().signal,
    cutShort: new AbortController().signal,
    progress: (_done: number, _total?: number, note?: string) => {
      if (note !== undefined && !notes.includes(note)) notes.push(note)
    },
    findings: {},
    worker: { ...WORKER, downloads: createSlots(2), turns: createTurns(), rates: createRates(undefined), ...worker },
    ...more,
  } satisfies Partial<Record<keyof Work, unknown>>
  return { work: work as unknown as Work, paths, notes }
}

const WORKER: Omit<WorkerTools, 'downloads' | 'turns' | 'rates'> = {
  run: runInWorker,
  program: PROGRAM,
  tls: {},
  proxies: {},
  tries: { tries: 5, pause: 1 },
  random: () => 1,
  maxPackageBytes: 10_000_000,
  timeouts: { connect: 5000, idle: 20_000, total: 60_000 },
}

function makeHome(): Paths {
  const home = mkdtempSync(join(tmpdir(), 'bootagent-work-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const paths = pathsOf(home, `${home}/run`)
  for (const directory of [paths.tmp, paths.packages]) mkdirSync(directory, { mode: 0o711 })
  return paths
}
