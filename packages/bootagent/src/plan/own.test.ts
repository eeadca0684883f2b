import { describe as group, expect, test } from 'vitest'
import { DIGESTS } from '../../test/scenes/example-metafile.ts'
import { circumstances, delivery, hostOf, order, planned } from '../../test/scenes/host-of.ts'
import { fingerprint } from '../state/file-sets.ts'
import type { HostState } from '../state/host-state.ts'
import type { OwnUpgrade } from '../state/metafile-schema.ts'
import { type OwnState, UNGUARDED } from '../state/own-slots.ts'
import { planJob } from './plan.ts'

const URL = 'http://packages.example/BootAgent-2.0.0-1.x86_64.tar.gz'
const JOB = delivery({ name: 'BootAgent', url: URL, version: '2.0.0' })
const AT_WORK = { key: 'the job' }
const UPGRADE: OwnUpgrade = { job: 'the job', from: 'a', to: 'b', version: '2.0.0', before: '1.4.0' }

function host(own: Partial<OwnState> = {}, more: Partial<HostState> = {}): HostState {
  const running = { ...UNGUARDED, running: 'a', current: 'a', filled: ['a'] } as const
  return hostOf({ name: 'BootAgent' }, { own: { ...running, ...own }, ...more })
}

const endOf = (state: HostState, bootagent = '1.4.0') => planJob(JOB, state, circumstances({ bootagent })).end

group('an upgrade of BootAgent', () => {
  test('fills the other slot, has it test itself, switches and ends', () => {
    expect(planned(JOB, host())).toEqual([
      `download ${URL}`,
      'verify the tar.gz package',
      'put BootAgent into slot b',
      'have BootAgent 2.0.0 in slot b test itself',
      'switch to slot b, on trial',
      'end, to be started again',
    ])
  })

  test('uses the slot that rests, whichever runs', () => {
    const steps = planned(JOB, host({ running: 'b', current: 'b' }, { packages: new Set([DIGESTS.new]) }))
    expect(steps).toContain('switch to slot a, on trial')
    expect(steps[0]).toBe('verify the tar.gz package')
  })

  test('waits for the trial of the one that runs, whose way back would be lost', () => {
    expect(planned(JOB, host({ running: 'b', current: 'b', fallback: 'a' }))[0]).toBe(
      'wait until a server has answered this BootAgent',
    )
  })

  test('to the version that runs is done, unless it is forced', () => {
    expect(planned(JOB, host(), { bootagent: '2.0.0' })).toEqual(['success'])
    expect(planned({ ...JOB, force: true }, host(), { bootagent: '2.0.0' })).toHaveLength(6)
  })

  test.each([
    ['nobody would start the next one', host({ running: undefined }), JOB, 'own-name'],
    ['it runs another version than the job expects', host(), { ...JOB, expect: '1.3.0' }, 'expect-failed'],
    ['the new one needs a newer one', host(), { ...JOB, bootagent: '>=1.5.0' }, 'bootagent-too-old'],
    ['the package is no archive', host(), { ...JOB, url: 'http://packages.example/BootAgent.exe' }, 'archive-unknown'],
  ])('is refused where %s', (_why, state, job, reason) => {
    expect(planned(job, state)).toEqual([reason])
  })

  test('that failed here before is refused, unless it is forced', () => {
    const tree = `2.0.0-${DIGESTS.new.slice(0, 8)}`
    const failed = [
      { release: '2.0.0', tree, asked: fingerprint({}), time: 1, why: 'no server answered it', exits: [], lines: [] },
    ]
    const state = { ...host(), agent: { ...hostOf({ name: 'BootAgent' }).agent, failed } } as HostState
    expect(planned(JOB, state)).toEqual(['failed-before'])
    expect(planned({ ...JOB, force: true }, state)).toHaveLength(6)
  })
})

group('after a crash, and in the new one, it is planned again:', () => {
  test('recorded and not switched: tested and switched once more', () => {
    expect(planned(JOB, host({}, { upgrade: UPGRADE }), AT_WORK)).toEqual([
      'have the BootAgent in slot b test itself',
      'switch to slot b, on trial',
      'end, to be started again',
    ])
  })

  test('switched, and the old one still there: it ends', () => {
    const state = host({ current: 'b', fallback: 'a' }, { upgrade: { ...UPGRADE, switched: true } })
    expect(planned(JOB, state)).toEqual(['end, to be started again'])
  })

  test('in the new one on trial: it waits for an answer, and that is success', () => {
    const state = host({ running: 'b', current: 'b', fallback: 'a' }, { upgrade: UPGRADE })
    expect(planned(JOB, state, { bootagent: '2.0.0' })).toEqual(['wait until a server has answered this BootAgent'])
    expect(endOf(state, '2.0.0')).toEqual({ reason: 'success', message: 'BootAgent 2.0.0 runs, after 1.4.0' })
  })

  test('in the new one that was kept: success at once', () => {
    expect(planned(JOB, host({ running: 'b', current: 'b' }, { upgrade: UPGRADE }), { bootagent: '2.0.0' })).toEqual([])
  })

  test.each([
    ['with why', host({ failure: 'it was started 3 times and did not hold' }, { upgrade: UPGRADE })],
    ['and nobody could write down why', host({}, { upgrade: { ...UPGRADE, switched: true } })],
  ])('in the old one that was taken back to, %s: noted first', (_how, state) => {
    expect(planned(JOB, state)).toEqual(['note why the other BootAgent was given up'])
  })

  test('and then the job fails, and says which runs', () => {
    const state = host({}, { upgrade: { ...UPGRADE, switched: true, failure: 'it ended with 1' } })
    const message = 'BootAgent 2.0.0 did not hold: it ended with 1; 1.4.0 runs again'
    expect(endOf(state)).toEqual({ reason: 'trial-failed', message })
  })

  test('the upgrade of another job is not its own', () => {
    expect(planned(JOB, host({}, { upgrade: { ...UPGRADE, job: 'another' } }))).toHaveLength(6)
  })
})

group('BootAgent is', () => {
  test('taken back by an operator to what the other slot holds', () => {
    expect(planned(order('rollback', { name: 'BootAgent' }), host({ filled: ['a', 'b'] }))).toEqual([
      'have the BootAgent in slot b test itself',
      'switch to slot b, on trial',
      'end, to be started again',
    ])
    expect(planned(order('rollback', { name: 'BootAgent' }), host())).toEqual(['no-previous'])
  })

  test('started again once, however often it is planned', () => {
    const job = order('restart', { name: 'BootAgent' })
    expect(planned(job, host(), { begun: false })).toEqual(['end, to be started again'])
    expect(planned(job, host(), { begun: true })).toEqual(['success'])
  })
})
