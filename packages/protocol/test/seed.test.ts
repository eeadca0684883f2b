import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { readJob, RegisterReply, RegisterRequest, StatusReply, StatusReport } from '../src/index.ts'
import { plainJson } from './seed-json.ts'

/** The digests keep the examples what they are: the seed's own bytes. */
const EXAMPLES = [
  {
    name: 'register-request',
    schema: RegisterRequest,
    sha256: '66adc07ff02577ddba6ab71dafe5aed6fc645eb3256412528e37499f9bc88d47',
  },
  { name: 'register-reply', schema: RegisterReply, sha256: '83d0c68dc3866e0cac3b2503c927fde33c3ec2b87e688f87271089d5aea96f81' },
  { name: 'status-report', schema: StatusReport, sha256: '64676424f70de901cee5ebaaf54f5794295d310b8c9e4c5c13fb14ee06ee9dc1' },
  { name: 'status-reply', schema: StatusReply, sha256: '9eb1b15351fb386c31699bb2097fe26e15a91e1444191a24cbb19a73bc2f3189' },
] as const

function example(file: string): string {
  return readFileSync(new URL(`../fixtures/seed/${file}`, import.meta.url), 'utf8')
}

describe.each(EXAMPLES)('$name', ({ name, schema, sha256 }) => {
  test('is kept as the seed wrote it', () => {
    expect(
      createHash('sha256')
        .update(example(`${name}.txt`))
        .digest('hex'),
    ).toBe(sha256)
  })

  test('is the same in plain JSON, but for comments and trailing commas', () => {
    expect(plainJson(example(`${name}.txt`))).toBe(example(`${name}.json`))
  })

  test('is accepted whole: no field of the seed is lost or changed', () => {
    const body: unknown = JSON.parse(example(`${name}.json`))
    expect(v.parse(schema, body)).toEqual(body)
  })
})

const { jobs } = v.parse(StatusReply, JSON.parse(example('status-reply.json')))

test("the seed's install job is a job but for its port, which is a word where a number goes", () => {
  const [install] = jobs ?? []
  expect(readJob(install)).toEqual({
    kind: 'refused',
    id: 'ddc8a9b9-55bd-4ddd-b53d-47095ee19466',
    action: 'install',
    name: 'BasicAgent',
    reason: 'url-bad',
    message: 'url "ftp://server:port/BasicAgent/BasicAgent-0.1.0-0.x86_64.rpm" cannot be read',
  })
  const fetchable = { ...v.parse(v.looseObject({}), install), url: 'ftp://server:21/BasicAgent/BasicAgent-0.1.0-0.x86_64.rpm' }
  expect(readJob(fetchable)).toEqual({ kind: 'job', job: fetchable })
})

test("the seed's config job is a job, as it stands", () => {
  const config = jobs?.[1]
  expect(readJob(config)).toEqual({ kind: 'job', job: config })
})

test('a comma or a # inside a string is text, not an end and not a comment', () => {
  expect(plainJson('{"a": "x,]", "b": "1:2,", "c": "#no", # yes\n "d": "\\"#",\n}')).toBe(
    '{"a": "x,]", "b": "1:2,", "c": "#no",\n "d": "\\"#"\n}',
  )
})
