import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import {
  exampleAgent,
  exampleExit,
  exampleJob,
  exampleMetafile,
  exampleTrial,
  RELEASES,
} from '../../test/scenes/example-metafile.ts'
import { textWithChecksum } from './metafile-checksum.ts'
import {
  changeAgent,
  changeJob,
  Metafile,
  METAFILE_FORMAT,
  MOST_METAFILE_BYTES,
  newMetafile,
  readMetafile,
  writtenMetafile,
} from './metafile-schema.ts'

const RESULT = { id: 'j-1', errcode: 0, message: 'done', action: 'stop', name: 'metrics' }
const EVENT = { id: 'e-1', timestamp: 1, category: 'c', message: 'm' }

/** One of everything. */
const FULL = exampleMetafile({
  agents: {
    metrics: exampleAgent({
      releases: RELEASES,
      trial: exampleTrial({ failure: 'no' }),
      exits: [exampleExit()],
      fatal: true,
      strikes: 4,
    }),
  },
  jobs: {
    open: exampleJob({ state: 'running', before: 'a' }),
    refused: exampleJob({ job: null, state: 'done', result: RESULT, acknowledged: 2 }),
  },
  events: [EVENT],
})

/** The metafile with one value put somewhere else, as a hand or a fault may do. */
function spoilt(path: string, value: unknown): string {
  const copy = structuredClone(FULL) as unknown as Record<string, unknown>
  const names = path.split('.')
  const last = names.pop() ?? ''
  const owner = names.reduce((at, name) => at[name] as Record<string, unknown>, copy)
  owner[last] = value
  return JSON.stringify(copy)
}

describe('a metafile', () => {
  test('is read as it was written', () => {
    expect(readMetafile(JSON.stringify(FULL))).toEqual({ kind: 'ok', metafile: FULL })
  })

  test('of a new host can be read', () => {
    const fresh = newMetafile({ identity: FULL.identity, svrlist: '', step: 600 })
    expect(readMetafile(JSON.stringify(fresh))).toEqual({ kind: 'ok', metafile: fresh })
  })

  test('may hold fields of a later version of its format; they are dropped', () => {
    expect(readMetafile(JSON.stringify({ ...FULL, colour: 'red' }))).toEqual({ kind: 'ok', metafile: FULL })
  })

  // A power cut can leave any prefix of it on a disk that lies.
  test('cut off at any byte is unreadable, and never something else', () => {
    const bytes = Buffer.from(JSON.stringify(FULL))
    const kinds = Array.from(
      { length: bytes.length },
      (_, length) => readMetafile(bytes.subarray(0, length).toString('utf8')).kind,
    )
    expect(new Set(kinds)).toEqual(new Set(['unreadable']))
  })

  test('with any one byte made zero is unreadable', () => {
    const bytes = Buffer.from(JSON.stringify(exampleMetafile()))
    for (let at = 0; at < bytes.length; at += 1) {
      const zeroed = Buffer.from(bytes)
      zeroed[at] = 0
      expect(readMetafile(zeroed.toString('utf8')).kind).toBe('unreadable')
    }
  })
})

describe('the checksum of a metafile', () => {
  test('is of all that is in it: what is written is read', () => {
    expect(readMetafile(writtenMetafile(FULL))).toEqual({ kind: 'ok', metafile: FULL })
  })

  // The release before this goes back to it, and an operator to an older BootAgent.
  test('is nothing to a BootAgent that knows none', () => {
    expect(v.parse(Metafile, JSON.parse(writtenMetafile(FULL)))).toEqual(FULL)
  })

  // A digit of a number, a letter of a name, the format itself: good JSON, and another host.
  test('shows every flipped bit: it is damaged or says the same, and is never another’s or a newer one’s', () => {
    const bytes = Buffer.from(writtenMetafile(FULL))
    const same = { kind: 'ok', metafile: FULL }
    const wrong = Array.from({ length: bytes.length * 8 }, (_, bit) => bit).filter((bit) => {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const reading = readMetafile(flipped.toString('utf8'))
      return reading.kind !== 'unreadable' && JSON.stringify(reading) !== JSON.stringify(same)
    })
    expect(wrong).toEqual([])
  })

  test('stays right when another program lays the file out anew', () => {
    const compact = JSON.stringify(JSON.parse(writtenMetafile(FULL)))
    expect(readMetafile(compact)).toEqual({ kind: 'ok', metafile: FULL })
  })

  test('is of the fields of a later version as well', () => {
    const later = textWithChecksum({ ...FULL, colour: 'red' })
    expect(readMetafile(later)).toEqual({ kind: 'ok', metafile: FULL })
    expect(readMetafile(later.replace('red', 'rad')).kind).toBe('unreadable')
    expect(readMetafile(textWithChecksum({ format: 9 }))).toEqual({ kind: 'newer', format: 9 })
  })

  test('contradicts a change by hand, and says what to do about it', () => {
    const changed = writtenMetafile(FULL).replace('"step": 600', '"step": 60')
    expect(changed).not.toBe(writtenMetafile(FULL))
    expect(readMetafile(changed)).toEqual({ kind: 'unreadable', why: expect.stringContaining('its checksum must go') })
    const { checksum: _, ...fields } = JSON.parse(changed) as { checksum: string }
    expect(readMetafile(JSON.stringify(fields))).toMatchObject({ kind: 'ok', metafile: { step: 60 } })
  })
})

test('of more bytes than any BootAgent writes is unreadable, whatever is in it', () => {
  const text = `${JSON.stringify(FULL)}${' '.repeat(MOST_METAFILE_BYTES)}`
  expect(readMetafile(text)).toEqual({ kind: 'unreadable', why: expect.stringContaining(`${text.length} bytes`) })
})

describe('says why it cannot be read', () => {
  test.each([
    ['nothing at all', '', 'it is empty'],
    ['blanks', ' \n\t', 'it is empty'],
    ['zeros', '\0'.repeat(100), 'it is not JSON'],
    ['a text', 'metafile', 'it is not JSON'],
    ['null', 'null', 'its field (whole)'],
    ['a list', '[]', 'its field format'],
    ['an empty object', '{}', 'its field format'],
    ['a format of nobody', '{"format":"1"}', 'its field format'],
  ])('of %s', (_, text, why) => {
    expect(readMetafile(text)).toEqual({ kind: 'unreadable', why: expect.stringContaining(why) })
  })

  test.each([
    ['identity', null],
    ['identity.agentsn', '../etc'],
    ['identity.standing', 'known'],
    ['tags', 'no tags'],
    ['step', '600'],
    ['svrlist', null],
    ['agents', 'none'],
    ['agents.metrics.wanted', 'yes'],
    ['agents.metrics.release', undefined],
    ['agents.metrics.trial.from', 7],
    ['agents.metrics.strikes', '4'],
    ['jobs.open.state', 'begun'],
    ['jobs.open.job', 'stop'],
    ['events', {}],
  ])('by the name of the field: %s', (path, value) => {
    expect(readMetafile(spoilt(path, value))).toEqual({
      kind: 'unreadable',
      why: expect.stringContaining(`its field ${path} is not as expected`),
    })
  })

  // A name in it becomes a directory.
  test('by an agent’s name that could lead out of its directory', () => {
    expect(readMetafile(JSON.stringify({ ...FULL, agents: { '../x': exampleAgent() } })).kind).toBe('unreadable')
  })
})

test.each([METAFILE_FORMAT + 1, 99])('format %i is a newer BootAgent’s, whatever else is in it', (format) => {
  expect(readMetafile(JSON.stringify({ format, everything: 'else' }))).toEqual({ kind: 'newer', format })
})

describe('a change', () => {
  test('of one agent leaves the others, and the old value, as they are', () => {
    const before = exampleMetafile({ agents: { metrics: exampleAgent(), logs: exampleAgent() } })
    const after = changeAgent('metrics', (agent) => ({ ...agent, strikes: 2 }))(before)
    expect([after.agents['metrics']?.strikes, before.agents['metrics']?.strikes]).toEqual([2, 0])
    expect(after.agents['logs']).toBe(before.agents['logs'])
  })

  test('of what is not there changes nothing', () => {
    const before = exampleMetafile()
    const fail = () => {
      throw new Error('there is nothing to change')
    }
    expect(changeAgent('metrics', fail)(before)).toBe(before)
    expect(changeJob('a key', fail)(before)).toBe(before)
  })

  test('of a job into itself costs no write', () => {
    expect(changeJob('open', (record) => record)(FULL)).toBe(FULL)
  })
})
