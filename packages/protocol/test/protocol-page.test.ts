import { describe, expect, test } from 'vitest'
import * as protocol from '../src/index.ts'
import { type Field, fieldsOf } from './fields.ts'
import { type Row, tableUnder } from './page.ts'

const { ACTIONS, AGENT_STATUSES, CAUSES, ERRORS, EVENT_CATEGORIES, FORMATS, HOST_JOB_STATES, JOBS, PROBLEMS, ROUTES } = protocol

/** The order on the page is the reader's, so names are compared sorted; what is missing on either side is what a failure shows. */
function sorted(names: Iterable<string>): string[] {
  return [...names].toSorted()
}

function column(heading: string, head: string): string[] {
  return tableUnder(heading).map((row) => row[head] ?? '')
}

const MESSAGES = {
  'Register request': protocol.RegisterRequest,
  'Register reply': protocol.RegisterReply,
  'Status report': protocol.StatusReport,
  'Status reply': protocol.StatusReply,
}

describe.each(Object.entries(MESSAGES))('%s', (heading, schema) => {
  test('has on the page the fields it has in the code', () => {
    expect(sorted(column(heading, 'field'))).toEqual(sorted(fieldsOf(schema).map(({ path }) => path)))
  })

  // A peer that knows only the seed sends none of ours: each is optional, or sits in a field that is.
  test('has no field of ours that a seed-only peer would have to send', () => {
    const needed = neededOf(fieldsOf(schema))
    const ours = tableUnder(heading).filter((row) => row['since'] === 'ours')
    expect(ours.map((row) => row['field'] ?? '').filter((path) => needed.includes(path))).toEqual([])
  })
})

/** The fields that are there in the least message. */
function neededOf(fields: readonly Field[]): string[] {
  const optional = fields.filter((field) => field.optional).map(({ path }) => path)
  const isInside = (path: string) =>
    optional.some((outer) => path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`))
  return fields.map(({ path }) => path).filter((path) => !isInside(path))
}

describe.each(ACTIONS)('a job to %s', (action) => {
  const rows = tableUnder('Job').filter((row) => isFor(row, action))

  test('has on the page the fields it has in the code', () => {
    expect(sorted(rows.map((row) => row['field'] ?? ''))).toEqual(sorted(fieldsOf(JOBS[action]).map(({ path }) => path)))
  })

  test('needs no field of ours, but for a cancel, which is ours as a whole', () => {
    const needed = neededOf(fieldsOf(JOBS[action]))
    const ours = rows.filter((row) => row['since'] === 'ours').map((row) => row['field'] ?? '')
    expect(ours.filter((field) => needed.includes(field))).toEqual(action === 'cancel' ? ['job'] : [])
  })
})

/** The column reads `all`, `all but config`, or `install, upgrade`. */
function isFor(row: Row, action: string): boolean {
  const [listed = '', excepted = ''] = (row['actions'] ?? '').split('all but ')
  if (listed === 'all') return true
  return listed === '' ? !excepted.split(', ').includes(action) : listed.split(', ').includes(action)
}

test('every action is on the page, and no other', () => {
  expect(sorted(column('Actions', 'action'))).toEqual(sorted(ACTIONS))
})

test('every status is on the page, and no other', () => {
  expect(sorted(column('Agent status', 'status'))).toEqual(sorted(AGENT_STATUSES))
})

test('every cause is on the page, and no other', () => {
  expect(sorted(column('Cause', 'cause'))).toEqual(sorted(CAUSES))
})

test('every category of event is on the page, and no other', () => {
  expect(sorted(column('Event categories', 'category'))).toEqual(sorted(EVENT_CATEGORIES))
})

test('every kind of health check is on the page with its own fields', () => {
  const page = tableUnder('Health').map(({ kind, fields = '' }) => [kind, fields.replaceAll('`', '')])
  const timesOfAll = ['kind', 'startup', 'period', 'timeout', 'failures']
  const code = protocol.Health.options.map(({ entries }) => {
    const own = Object.entries(entries).filter(([name]) => !timesOfAll.includes(name))
    return [entries.kind.literal, own.map(mark).join(', ') || 'none']
  })
  expect(page).toEqual(code)
})

test('every state of a job at a host is on the page, and no other', () => {
  expect(sorted(column('A job at one host', 'state'))).toEqual(sorted(HOST_JOB_STATES))
})

test('every errcode is on the page, as the code has it', () => {
  const page = tableUnder('6. Error codes').map(({ errcode, reason, meaning, retry, fault }) => [
    errcode,
    reason,
    meaning,
    retry,
    fault,
  ])
  const code = Object.entries(ERRORS).map(([reason, row]) => [
    String(row.errcode),
    reason,
    row.meaning,
    row.retryable ? 'yes' : 'no',
    row.fault,
  ])
  expect(page).toEqual(code)
})

test('a refusal at the door is by a reason there is', () => {
  const named = column('Refused at the door', 'answer').flatMap((answer) =>
    [...answer.matchAll(/`?([a-z]+-[a-z]+)`?/g)].map(([, reason]) => reason),
  )
  expect(named.filter((reason) => reason !== 'job-unanswerable' && !Object.hasOwn(ERRORS, reason ?? ''))).toEqual([])
})

test('every route is on the page, with its bodies', () => {
  const page = tableUnder('Routes').map(({ method, path, who, request, reply }) => [method, path, who, request, reply])
  const code = Object.values(ROUTES).map((route) => [
    route.method,
    route.path,
    route.who,
    bodyName(route.request),
    bodyName(route.reply),
  ])
  expect(page).toEqual(code)
})

function bodyName(body: object | 'bytes' | null): string {
  if (body === null) return 'none'
  return body === 'bytes'
    ? 'bytes'
    : (Object.entries(protocol).find(([, exported]) => exported === body)?.[0] ?? 'no exported schema')
}

const BODIES = {
  HostSummary: protocol.HostSummary,
  HostDetail: protocol.HostDetail,
  HostList: protocol.HostList,
  EventSummary: protocol.EventSummary,
  EventDetail: protocol.EventDetail,
  EventList: protocol.EventList,
  HostJob: protocol.HostJob,
  JobSummary: protocol.JobSummary,
  JobDetail: protocol.JobDetail,
  JobList: protocol.JobList,
  CreateJob: protocol.CreateJob,
  CancelOrder: protocol.CancelOrder,
  SetTags: protocol.SetTags,
  PackageRecord: protocol.PackageRecord,
  PackageList: protocol.PackageList,
  Problem: protocol.Problem,
}

test('every body of the operator API is on the page with its fields', () => {
  const page = tableUnder('Bodies').map(({ body, fields = '' }) => [body, fields.replaceAll('`', '').split(', ').toSorted()])
  const code = Object.entries(BODIES).map(([body, { entries }]) => [body, Object.entries(entries).map(mark).toSorted()])
  expect(page).toEqual(code)
})

function mark([name, { type }]: [string, { type: string }]): string {
  return type === 'optional' ? `${name}?` : name
}

test('every body that a route of operators names is described', () => {
  const named = Object.values(ROUTES)
    .filter(({ who }) => who === 'operator')
    .flatMap(({ request, reply }) => [bodyName(request), bodyName(reply)])
  expect(named.filter((name) => !['none', 'bytes', ...Object.keys(BODIES)].includes(name))).toEqual([])
})

test('every problem is on the page with its HTTP status', () => {
  const page = tableUnder('Problems').map(({ code, HTTP }) => [code, Number(HTTP)])
  expect(page).toEqual(Object.entries(PROBLEMS))
})

test('every kind of archive is on the page', () => {
  const page = tableUnder('8. Packages').map((row) => [row['kind'], row['names end in']?.replaceAll('`', '')])
  expect(page).toEqual(Object.entries(FORMATS).map(([format, ends]) => [format, ends.join(', ')]))
})

test("the page's numbers are the code's", () => {
  const size = tableUnder('2. Transport').find(({ what }) => what === 'size')?.['how']
  expect(size).toContain(`${protocol.MAX_REPORT_BYTES} bytes, an answer at most ${protocol.MAX_REPLY_BYTES}`)
  expect(tableUnder('Status reply').find(({ field }) => field === 'jobs')?.['meaning']).toContain(
    `at most ${protocol.MAX_OPEN_JOBS}`,
  )
})
