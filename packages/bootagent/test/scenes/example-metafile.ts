import type { AgentRecord, ExitRecord, JobRecord, Metafile, ReleaseRecord, Trial } from '../../src/state/metafile-schema.ts'
import { METAFILE_FORMAT, NEW_AGENT } from '../../src/state/metafile-schema.ts'
import { releaseId } from '../../src/state/paths.ts'

/** Two packages and the releases they become; the examples of all tests are made of them. */
export const DIGESTS = { old: '1'.repeat(64), new: '2'.repeat(64) }
export const OLD = releaseId('1.0.0', DIGESTS.old)
export const NEW = releaseId('2.0.0', DIGESTS.new)

/** An ordinary release; a test says only what matters to it. */
export function exampleRelease(changes: Partial<ReleaseRecord> = {}): ReleaseRecord {
  return { version: '1.0.0', digest: DIGESTS.old, run: { exec: 'metrics' }, envs: {}, limits: {}, restart: {}, ...changes }
}

export const NEW_RELEASE = exampleRelease({ version: '2.0.0', digest: DIGESTS.new })

/** Both releases under their ids, as a record holds them. */
export const RELEASES = { [OLD]: exampleRelease(), [NEW]: NEW_RELEASE }

/** An agent that is wanted running at the old release. */
export function exampleAgent(changes: Partial<AgentRecord> = {}): AgentRecord {
  return { ...NEW_AGENT, release: OLD, releases: { [OLD]: exampleRelease() }, ...changes }
}

/** The new release on trial, with the old one to go back to. */
export function exampleTrial(changes: Partial<Trial> = {}): Trial {
  return { job: 'the job', release: NEW, from: OLD, wanted: 'running', seconds: 60, after: null, ...changes }
}

/** A failure of the new release's first attempt. */
export function exampleExit(changes: Partial<ExitRecord> = {}): ExitRecord {
  return {
    release: NEW,
    attempt: '000001-aaaaaaaa',
    code: 3,
    lived: 12,
    at: 500,
    bootid: 'this boot',
    time: 1_700_000_000,
    abnormal: true,
    ...changes,
  }
}

/** A stop of one agent, accepted and not begun. */
export function exampleJob(changes: Partial<JobRecord> = {}): JobRecord {
  return { job: { id: 'j-1', action: 'stop', name: 'metrics' }, state: 'accepted', accepted: 1_700_000_000, ...changes }
}

/** A host that is known to its server and has nothing to do. */
export function exampleMetafile(changes: Partial<Metafile> = {}): Metafile {
  return {
    format: METAFILE_FORMAT,
    identity: { agentsn: 'host-1', source: 'random', machine: 'm', standing: 'confirmed' },
    tags: '',
    svrlist: 'old.example',
    step: 600,
    agents: {},
    jobs: {},
    events: [],
    failed: {},
    ...changes,
  }
}
