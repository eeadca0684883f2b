import { expect, test } from 'vitest'
import { type Hearing, hear } from './hearing.ts'

const SILENT = { kind: 'silent', why: ['a: refused'], retryAfter: undefined } as const
const answered = (server: string) => ({ kind: 'answered', answered: { server } }) as const
const heard = (...tolds: readonly Parameters<typeof hear>[1][]) =>
  tolds.reduce<Hearing>((before, told, at) => hear(before, told, at), {})

test('an answer is who gave it and when, and ends every silence', () => {
  expect(heard({ ...SILENT, denied: true }, answered('http://b'))).toEqual({ answered: { server: 'http://b', at: 1 } })
})

test('silence is since when, for how many rounds, and why', () => {
  expect(heard(answered('http://a'), { ...SILENT, denied: false }, { ...SILENT, denied: false })).toEqual({
    answered: { server: 'http://a', at: 0 },
    silent: { since: 1, rounds: 2, denials: 0, why: ['a: refused'] },
  })
})

test('denials are counted in a row: a round in which one server was only away begins anew', () => {
  const denied = { ...SILENT, denied: true }
  expect(heard(denied, denied).silent?.denials).toBe(2)
  expect(heard(denied, { ...SILENT, denied: false }, denied).silent?.denials).toBe(1)
})
