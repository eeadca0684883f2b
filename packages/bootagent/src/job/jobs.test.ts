import { type JobResult, jobKey, type Reason } from '@bootagent/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exampleMetafile } from '../../test/scenes/example-metafile.ts'
import { changeJob, type Metafile, readMetafile } from '../state/metafile-schema.ts'
import { acceptJobs } from './accept.ts'
import { finishJob, resultOf } from './finish.ts'
import { nextJobRecord } from './job-state.ts'
import { jobOf, nextJobs } from './next-jobs.ts'
import { acknowledge, unacknowledged } from './outbox.ts'

/** What a server, a network, a crash and time can do to the jobs of a host. */
interface Moves {
  offer: { readonly entries: readonly unknown[] }
  begin: object
  /** A job ends, whether or not it has already: whoever was slow finds it done. */
  end: { readonly place: number; readonly reason: Reason }
  report: { readonly most: number }
  /** The answer to the last report arrives, perhaps not for the first time. */
  answer: object
  crash: object
  wait: { readonly days: number }
}
type Move = { [K in keyof Moves]: { readonly kind: K } & Moves[K] }[keyof Moves]

const entry = fc.record({
  id: fc.constantFrom('j-1', 'j-2', 'j-3', '', 7),
  action: fc.constantFrom('stop', 'start', 'config', 'explode', undefined),
  name: fc.constantFrom('metrics', 'logs', '../x', undefined),
})
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ kind: fc.constant('offer'), entries: fc.array(entry, { maxLength: 4 }) }),
  fc.record({ kind: fc.constant('begin') }),
  fc.record({ kind: fc.constant('end'), place: fc.nat(4), reason: fc.constantFrom('success', 'internal') }),
  fc.record({ kind: fc.constant('report'), most: fc.nat(3) }),
  fc.record({ kind: fc.constant('answer') }),
  fc.record({ kind: fc.constant('crash') }),
  fc.record({ kind: fc.constant('wait'), days: fc.nat(9) }),
)

/** The host, and what has been seen of it. */
interface World {
  metafile: Metafile
  now: number
  /** What the last report carried. */
  carried: readonly string[]
  /** How often a job has ended: no two ends have the same words. */
  ends: number
  /** The result each job was first seen with; a key that was forgotten may begin anew. */
  readonly results: Map<string, JobResult>
  /** Keys of results whose acknowledgement has reached the host. */
  readonly acknowledged: Set<string>
}

const MAKE: { readonly [K in keyof Moves]: (world: World, move: Moves[K]) => void } = {
  offer(world, { entries }) {
    world.metafile = acceptJobs(world.metafile, entries, world.now).metafile
  },
  begin(world) {
    const [key = ''] = nextJobs(world.metafile, new Set())
    world.metafile = changeJob(key, (record) => nextJobRecord(record, { kind: 'begin', before: undefined }))(world.metafile)
  },
  end(world, { place, reason }) {
    const [key, record] = Object.entries(world.metafile.jobs)[place] ?? []
    if (key === undefined || !record?.job) return
    const job = jobOf(record)
    world.ends += 1
    world.metafile = finishJob(key, job, resultOf(job, { reason, message: `end ${world.ends}` }))(world.metafile)
  },
  report(world, { most }) {
    world.carried = unacknowledged(world.metafile).slice(0, most)
  },
  answer(world) {
    world.metafile = acknowledge({ jobs: world.carried, events: [] }, world.now)(world.metafile)
    for (const key of world.carried) world.acknowledged.add(key)
  },
  crash(world) {
    expect(readMetafile(JSON.stringify(world.metafile))).toEqual({ kind: 'ok', metafile: world.metafile })
  },
  wait(world, { days }) {
    world.now += days * 86_400
  },
}

function checkLaws({ metafile: { jobs }, results, acknowledged }: World): void {
  for (const [key, { job, state, result }] of Object.entries(jobs)) {
    if (job !== null) expect(jobKey(job)).toBe(key)
    expect(result !== undefined).toBe(state === 'done')
    const first = results.get(key) ?? result
    expect(result).toEqual(first)
    if (first !== undefined) results.set(key, first)
  }
  for (const key of results.keys()) {
    if (jobs[key] !== undefined) continue
    expect(acknowledged).toContain(key)
    results.delete(key)
    acknowledged.delete(key)
  }
}

test('whatever is offered, lost, repeated, crashed or waited for: one result for one key, and none is lost before it is acknowledged', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      const world: World = {
        metafile: exampleMetafile(),
        now: 1_700_000_000,
        carried: [],
        ends: 0,
        results: new Map(),
        acknowledged: new Set(),
      }
      for (const each of moves) {
        const make = MAKE[each.kind] as (world: World, move: Move) => void
        make(world, each)
        checkLaws(world)
      }
    }),
    { numRuns: 1000 },
  )
})
