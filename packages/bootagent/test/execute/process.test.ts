import { expect, test } from 'vitest'
import { stop } from '../../src/execute/steps/process.ts'
import type { Work } from '../../src/execute/tools.ts'
import type { JobRecord, Metafile } from '../../src/state/metafile-schema.ts'
import { exampleJob, exampleMetafile } from '../scenes/example-metafile.ts'

const RUNNING = exampleJob({ state: 'running' })

/** Does a `stop` of the job `a job`, and gives its record at the moment when supervision is told to stop the agent. */
async function recordAtTheStop(job: JobRecord, attempt: string | undefined): Promise<JobRecord | undefined> {
  let metafile = exampleMetafile({ jobs: { 'a job': job } })
  let seen: JobRecord | undefined
  const work = {
    key: 'a job',
    signal: new AbortController().signal,
    metafile: {
      read: () => metafile,
      update: (change: (before: Metafile) => Metafile) => {
        metafile = change(metafile)
        return Promise.resolve()
      },
    },
    supervisor: {
      observe: () => new Map(attempt === undefined ? [] : [['metrics', { attempt }]]),
      stop: () => {
        seen = metafile.jobs['a job']
        return Promise.resolve({ kind: 'stopped' })
      },
    },
  }
  await stop({ name: 'metrics' }, work as unknown as Work)
  return seen
}

// Whoever gives the job up from there on, this BootAgent or the one after a crash, runs again what is noted there.
test('an agent that came up since its job began is on record as what ran, before it is stopped', async () => {
  expect(await recordAtTheStop(RUNNING, 'since')).toEqual({ ...RUNNING, before: 'since' })
})

test('what ran when the job began stays on record, whatever runs since', async () => {
  expect(await recordAtTheStop({ ...RUNNING, before: 'at its begin' }, 'since')).toEqual({ ...RUNNING, before: 'at its begin' })
})

test('where nothing runs nothing is noted', async () => {
  expect(await recordAtTheStop(RUNNING, undefined)).toBe(RUNNING)
})
