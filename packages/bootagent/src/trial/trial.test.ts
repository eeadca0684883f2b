import { describe, expect, test } from 'vitest'
import { exampleAgent, exampleExit, exampleTrial, NEW, OLD, RELEASES } from '../../test/scenes/example-metafile.ts'
import type { AgentRecord, ExitRecord } from '../state/metafile-schema.ts'
import type { AgentState, AgentView } from '../supervise/agent-view.ts'
import { describeExit, judgeTrial } from './trial.ts'

/** The new release on trial for 60 s, with what its processes have come to. */
function onTrial(exits: readonly ExitRecord[] = [], changes: Partial<AgentRecord> = {}): AgentRecord {
  return exampleAgent({ release: NEW, previous: OLD, releases: RELEASES, trial: exampleTrial(), exits: [...exits], ...changes })
}

function view(state: AgentState, uptime = 0, release = NEW): AgentView {
  return { state, reason: '', uptime, ...(state === 'running' ? { pid: 7, attempt: 'a', release } : {}) }
}

const CLEAN = { code: 0, abnormal: false }

describe('a trial', () => {
  test.each([
    [0, { kind: 'watch', seconds: 60 }],
    [59.5, { kind: 'watch', seconds: 0.5 }],
    [60, { kind: 'keep' }],
    [86_400, { kind: 'keep' }],
  ])('of a release that has run for %s s', (uptime, verdict) => {
    expect(judgeTrial(onTrial(), view('running', uptime))).toEqual(verdict)
  })

  test.each(['starting', 'stopping', 'waiting', 'stopped', 'fatal'] as const)(
    'of an agent that is %s, with no exit to judge, goes on',
    (state) => {
      expect(judgeTrial(onTrial(), view(state))).toMatchObject({ kind: 'watch' })
    },
  )

  test('of an agent nobody has looked at yet goes on', () => {
    expect(judgeTrial(onTrial(), undefined)).toMatchObject({ kind: 'watch' })
  })

  // The old process may still be ending, and has run for days.
  test('does not count the time of another release', () => {
    expect(judgeTrial(onTrial(), view('running', 86_400, OLD))).toMatchObject({ kind: 'watch' })
  })

  test('that is not there, of an agent that may not be there, has nothing to say against', () => {
    expect([judgeTrial(exampleAgent(), undefined), judgeTrial(undefined, undefined)]).toEqual([
      { kind: 'keep' },
      { kind: 'keep' },
    ])
  })

  test('that has failed stays failed, whatever is seen now', () => {
    const agent = onTrial([], { trial: exampleTrial({ failure: 'it was so' }) })
    expect(judgeTrial(agent, view('running', 3600))).toEqual({ kind: 'revert', reason: 'it was so' })
  })
})

describe('an exit on trial', () => {
  test('that is a failure ends the trial, also when the policy has started the release again', () => {
    const reason = `${NEW} failed its trial: it exited with code 3 after 12 s`
    expect(judgeTrial(onTrial([exampleExit()]), view('waiting'))).toEqual({ kind: 'revert', reason })
    expect(judgeTrial(onTrial([exampleExit()]), view('running', 3600))).toEqual({ kind: 'revert', reason })
  })

  test('that is none of its failures keeps the release: it has done what it came for', () => {
    expect(judgeTrial(onTrial([exampleExit(CLEAN)]), view('stopped'))).toEqual({ kind: 'keep' })
  })

  // A reboot is nobody's fault; the time starts anew.
  test('by a reboot is no reason to keep or to revert', () => {
    expect(judgeTrial(onTrial([exampleExit(CLEAN)]), view('starting'))).toMatchObject({ kind: 'watch' })
    expect(judgeTrial(onTrial([exampleExit(CLEAN)]), view('running', 20))).toEqual({ kind: 'watch', seconds: 40 })
  })

  // The trial would wait for ever for a release that never comes up.
  test('that is a failure counts also after one that was none', () => {
    const exits = [exampleExit({ ...CLEAN, attempt: 'by a reboot' }), exampleExit({ attempt: 'by itself' })]
    expect(judgeTrial(onTrial(exits), view('waiting'))).toMatchObject({ kind: 'revert' })
  })

  test('of the release before is not held against the new one', () => {
    expect(judgeTrial(onTrial([exampleExit({ release: OLD })]), view('running', 20))).toEqual({ kind: 'watch', seconds: 40 })
  })

  test('of the same release from before the trial is not held against it', () => {
    const earlier = exampleExit({ attempt: 'earlier' })
    const trial = exampleTrial({ after: 'earlier' })
    expect(judgeTrial(onTrial([earlier], { trial }), view('running', 20))).toEqual({ kind: 'watch', seconds: 40 })
    expect(judgeTrial(onTrial([earlier, exampleExit({ attempt: 'later' })], { trial }), view('waiting'))).toMatchObject({
      kind: 'revert',
    })
  })

  // Only five exits are kept: when the one the trial began after has gone, all that are left came later.
  test('counts when the one the trial began after is no longer kept', () => {
    expect(judgeTrial(onTrial([exampleExit()], { trial: exampleTrial({ after: 'long gone' }) }), view('waiting'))).toMatchObject({
      kind: 'revert',
    })
  })
})

test.each<[string, Partial<ExitRecord>]>([
  ['exited with code 3 after 12 s', {}],
  ['exited with code 0 after 0 s', { code: 0, lived: 0.4 }],
  ['was killed by SIGSEGV after 12 s', { signal: 'SIGSEGV', cause: 'signal' }],
  ['exited with code 3 after 12 s', { cause: 'exit-code' }],
  // Our own TERM, or the kernel's KILL, is only the echo of why.
  [
    'was killed by SIGTERM after 12 s (not-ready: not ready 60 s after its start)',
    { signal: 'SIGTERM', cause: 'not-ready', detail: 'not ready 60 s after its start' },
  ],
  ['was killed by SIGKILL after 12 s (oom)', { signal: 'SIGKILL', cause: 'oom' }],
])('an exit is told as "%s"', (said, exit) => {
  expect(describeExit(exampleExit(exit))).toBe(said)
})

test('an exit nobody saw is told as such, and not as a success', () => {
  const { code: _unknown, ...unseen } = exampleExit()
  expect(describeExit(unseen)).toBe('ended after 12 s, and how cannot be known')
})
