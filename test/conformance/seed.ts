import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { departures } from './departures.ts'

/** The seed's own four examples, as they are sent: byte for byte, but for the comments and commas that JSON does not have. */
export const SEED = {
  registration: example('register-request'),
  registered: example('register-reply'),
  report: example('status-report'),
  reply: example('status-reply'),
}

/** `POST` to these, and there are no others. */
export const PATHS = { register: '/agent/register', status: '/agent/status' }

/** The seed's words for what an agent does (备注: Agent状态). */
export const STATUSES: readonly string[] = ['stoped', 'running', 'fatal', 'killed']

/** Host ▸ server, as far as the seed goes. */
export interface SeedRegistration {
  readonly hostname: string
  readonly agentsn: string
}

/** Host ▸ server, as far as the seed goes. */
export interface SeedReport extends SeedRegistration {
  readonly version: string
  readonly uptime: number
  readonly timestamp: number
  readonly step: number
  readonly agents: readonly SeedAgent[]
  readonly jobs: readonly SeedResult[]
}

/** One agent of a report. */
export interface SeedAgent {
  readonly name: string
  readonly version: string
  readonly status: string
  readonly uptime: number
}

/** One result of a report. */
export interface SeedResult {
  readonly id: string
  readonly errcode: number
  readonly message: string
}

/** One entry of a reply's jobs; it may have any fields, and a test may leave out any. */
export type SeedJob = Readonly<Record<string, unknown>>

/** Reads a registration; throws when a field of the seed's is missing or of another type. */
export function readRegistration(text: string): SeedRegistration {
  return readLike(SEED.registration, text, 'a registration') as SeedRegistration
}

/** Reads a report; throws when a field of the seed's is missing or of another type. */
export function readReport(text: string): SeedReport {
  return readLike(SEED.report, text, 'a report') as SeedReport
}

function readLike(like: string, text: string, what: string): unknown {
  const value: unknown = JSON.parse(text)
  assert.deepEqual(departures(JSON.parse(like), value), [], `${what} departs from the seed's example`)
  return value
}

function example(name: string): string {
  return readFileSync(new URL(`../../packages/protocol/fixtures/seed/${name}.json`, import.meta.url), 'utf8')
}
