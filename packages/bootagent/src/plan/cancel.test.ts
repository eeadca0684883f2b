import { ERRORS, jobKey } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { exampleJob } from '../../test/scenes/example-metafile.ts'
import { circumstances, hostOf, planned } from '../../test/scenes/host-of.ts'
import type { JobRecord } from '../state/metafile-schema.ts'
import { planJob } from './plan.ts'

const CANCEL = { id: 'c-1', action: 'cancel', job: 'j-1' } as const
const STOP = { id: 'j-1', action: 'stop', name: 'metrics' }

/** A host with these jobs on record, and no agent that matters. */
function hostWith(...records: JobRecord[]) {
  const jobs = records.map((record) => [jobKey(record.job ?? { id: 'j-1', action: 'explode' }), record] as const)
  return { ...hostOf({}, { jobs: Object.fromEntries(jobs) }), agent: undefined }
}

function done(reason: keyof typeof ERRORS, message: string): JobRecord {
  return exampleJob({ state: 'done', result: { id: 'j-1', errcode: ERRORS[reason].errcode, message } })
}

test.each(['accepted', 'running'] as const)('a job that is %s is called off', (state) => {
  expect(planned(CANCEL, hostWith(exampleJob({ state })))).toEqual(['call off j-1 stop metrics'])
})

test('all open jobs of that id are called off, and of one agent where one is named', () => {
  const host = hostWith(exampleJob(), exampleJob({ job: { ...STOP, name: 'logs' } }), exampleJob({ job: { ...STOP, id: 'j-2' } }))
  expect(planned(CANCEL, host)).toEqual(['call off j-1 stop metrics and j-1 stop logs'])
  expect(planned({ ...CANCEL, name: 'logs' }, host)).toEqual(['call off j-1 stop logs'])
})

test.each([
  ['there is none', hostWith()],
  ['another has that id', hostWith(exampleJob({ job: { ...STOP, id: 'j-2' } }))],
  ['an operator ordered it here', hostWith(exampleJob({ local: true }))],
  ['it is a cancel itself', hostWith(exampleJob({ job: { id: 'j-1', action: 'cancel', job: 'j-0' } }))],
])('a job the host does not know is not called off: %s', (_, host) => {
  expect(planJob(CANCEL, host, circumstances()).end).toEqual({
    reason: 'job-unknown',
    message: 'this host has no job j-1; should it still come, it is not begun',
  })
})

test('once it has ended as cancelled, the cancel has done what it was for', () => {
  const host = hostWith(done('cancelled', 'called off before it had begun'))
  expect(planJob(CANCEL, host, circumstances()).end).toEqual({
    reason: 'success',
    message: 'stop of metrics: called off before it had begun',
  })
})

test.each([
  ['success', 'metrics is stopped'],
  ['stop-stuck', 'it would not end'],
] as const)(
  'a job that ended otherwise, by %s, was too late to be called off, and it is told how it ended',
  (reason, message) => {
    expect(planJob(CANCEL, hostWith(done(reason, message)), circumstances()).end).toEqual({
      reason: 'too-late',
      message: `it had ended already: stop of metrics: ${message}`,
    })
  },
)

test('a job that was refused at the door had ended', () => {
  const result = { id: 'j-1', errcode: ERRORS['action-unknown'].errcode, message: 'no such action', action: 'explode' }
  const { end } = planJob(CANCEL, hostWith(exampleJob({ job: null, state: 'done', result })), circumstances())
  expect(end).toEqual({ reason: 'too-late', message: 'it had ended already: explode: no such action' })
})
