import { Run } from '@bootagent/protocol'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { chooseRun, type RunSources } from './choose-run.ts'

function choose(sources: Partial<RunSources>): Run {
  return chooseRun({ name: 'metrics', asked: undefined, manifest: undefined, programs: [], ...sources })
}

const NOTHING_TO_RUN = expect.objectContaining({ reason: 'nothing-to-run' })

describe('how a release is run', () => {
  const programs = ['metrics', 'bin/other', 'bin/agent']

  test('is what the job says, before what the package says', () => {
    const asked = { exec: 'bin/agent', args: ['-v'] }
    expect(choose({ asked, manifest: { exec: 'bin/other' }, programs })).toEqual(asked)
  })

  test('is what the package says, before what its files suggest', () => {
    expect(choose({ manifest: { exec: 'bin/other' }, programs })).toEqual({ exec: 'bin/other' })
  })

  test('is the executable that is named like the agent', () => {
    expect(choose({ programs: ['README', 'opt/metrics/bin/metrics', 'bin/metrics-cli'] })).toEqual({
      exec: 'opt/metrics/bin/metrics',
    })
  })

  test.each([
    [['a/b/metrics', 'metrics', 'a/metrics'], 'metrics'],
    [['z/metrics', 'a/metrics'], 'a/metrics'],
  ])('is, of several, the one nearest to the root, and then the first by name: %j', (files, exec) => {
    expect(choose({ programs: files })).toEqual({ exec })
  })

  test.each(['./bin/agent', 'bin//agent', 'bin/./agent'])('may be written as %s', (exec) => {
    expect(choose({ asked: { exec }, programs })).toEqual({ exec })
  })
})

describe('there is nothing to run', () => {
  // Another program than the one that was asked for is not run in its place.
  test.each([
    ['the job names a file that is not there', { asked: { exec: 'bin/agent' }, programs: ['metrics'] }],
    ['the package names a file that is not there', { manifest: { exec: 'bin/agent' }, programs: ['metrics'] }],
    ['nothing is named like the agent', { programs: ['bin/other'] }],
    ['nothing can be executed', { programs: [] }],
  ])('when %s', (_, sources) => {
    expect(() => choose(sources)).toThrow(NOTHING_TO_RUN)
  })

  test('and the operator is told what could be: five of them at most', () => {
    expect(() => choose({ programs: ['a', 'b'] })).toThrow('it has a, b')
    expect(() => choose({ programs: ['a', 'b', 'c', 'd', 'e', 'f'] })).toThrow('it has a, b, c, d, e, …')
    expect(() => choose({ programs: [] })).toThrow('it has no executable file')
  })

  // A metafile that holds what its own schema refuses is not readable at the next start.
  test('when its path is longer than a record of it may be', () => {
    const deep = `${'d'.repeat(200)}/${'d'.repeat(200)}/metrics`
    expect(v.is(Run, { exec: deep })).toBe(false)
    expect(() => choose({ programs: [deep] })).toThrow(NOTHING_TO_RUN)
  })
})
