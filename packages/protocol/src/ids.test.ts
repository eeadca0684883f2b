import * as fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { AgentName, Agentsn, JobId, jobKey, parseTags, Tags, tagsMatch, Version } from './ids.ts'

const ACCEPTED = [
  ['agentsn', Agentsn, ['dcb886e9-04ed-41bb-9c12-4d2de12cd59b', 'a', '00:1b:44:11:3a:b7', 'a'.repeat(64)]],
  ['job id', JobId, ['ddc8a9b9-55bd-4ddd-b53d-47095ee19466', '1', '!', '~'.repeat(127)]],
  ['agent name', AgentName, ['BasicAgent', 'a', 'a_', '9', 'log-shipper', 'n'.repeat(50)]],
  ['version', Version, ['1.2.3', '0.1.0-0.x86_64', '1.0~rc1+git5', '7', '1'.repeat(64)]],
  ['tags', Tags, ['', 'svc=ecs,cmpt=DB', 'svc=ecs,', 'svc=', 'a@b#c=d_e.f-g']],
] as const

const REFUSED = [
  ['agentsn', Agentsn, ['', '-a', '.', '..', 'a/b', 'a b', 'a\n', 'ä', 'a'.repeat(65)]],
  ['job id', JobId, ['', 'a b', 'a\n', '\u007f', 'ä', 'x'.repeat(128)]],
  [
    'agent name',
    AgentName,
    [
      '',
      '-a',
      '_a',
      '__proto__',
      'constructor',
      'toString',
      'prototype',
      '.',
      '..',
      'a.b',
      'a/b',
      'a\\b',
      'a b',
      'a\n',
      'a\0',
      'ä',
      'n'.repeat(51),
    ],
  ],
  ['version', Version, ['', '.1', '-1', '../1', '1/2', '1 2', '1\n', '1:2', 'ä', '1'.repeat(65)]],
  ['tags', Tags, ['svc', '=ecs', ',', 'a=b,,c=d', 'a=b, c=d', 'a=b=c', 'a=b\n', `a=${'b'.repeat(1023)}`]],
] as const

describe.each(ACCEPTED)('as %s', (_, schema, texts) => {
  test.each(texts)('%j is taken', (text) => expect(v.is(schema, text)).toBe(true))
})

describe.each(REFUSED)('as %s', (_, schema, texts) => {
  test.each(texts)('%j is refused', (text) => expect(v.is(schema, text)).toBe(false))
})

test("the seed's two jobs of one id have two keys", () => {
  const id = 'ddc8a9b9-55bd-4ddd-b53d-47095ee19466'
  expect(jobKey({ id, action: 'install', name: 'BasicAgent' })).not.toBe(jobKey({ id, action: 'config' }))
})

test('two jobs have one key only if id, action and name are the same', () => {
  const word = fc.stringMatching(/^[!-~]{1,8}$/)
  const job = fc.record({ id: word, action: word, name: fc.option(word, { nil: undefined }) })
  fc.assert(
    fc.property(job, job, (one, other) => {
      const same = one.id === other.id && one.action === other.action && one.name === other.name
      expect(jobKey(one) === jobKey(other)).toBe(same)
    }),
  )
})

test("the seed's tags are two pairs", () => {
  expect(Object.fromEntries(parseTags('svc=ecs,cmpt=DB'))).toEqual({ svc: 'ecs', cmpt: 'DB' })
})

test('a key said twice keeps its last value, and a key alone has an empty one', () => {
  expect(Object.fromEntries(parseTags('a=1,a=2,b,'))).toEqual({ a: '2', b: '' })
})

test.each([
  ['', 'svc=ecs', true],
  ['', '', true],
  ['svc=ecs', 'svc=ecs,cmpt=DB', true],
  ['cmpt=DB,svc=ecs', 'svc=ecs,cmpt=DB', true],
  ['svc=ecs,cmpt=web', 'svc=ecs,cmpt=DB', false],
  ['svc=ec', 'svc=ecs', false],
  ['svc=ecs', '', false],
  ['svc=', 'svc=ecs', false],
  ['svc', 'svc=ecs', false],
])('selector %j on tags %j selects: %s', (selector, tags, selects) => {
  expect(tagsMatch(selector, tags)).toBe(selects)
})
