import { describe, expect, test } from 'vitest'
import { endedAgentPicture, exampleAgentPicture } from '../../test/control/example-picture.ts'
import { NEW, OLD } from '../../test/scenes/example-metafile.ts'
import { showWhy, type WhyFacts } from './show-why.ts'

const NOW = 1_700_003_725
const LIMITS = { kind: 'hybrid', why: 'cgroup v1 for limits, v2 to know the processes' } as const

function why(agent: WhyFacts['agent'], changes: Partial<WhyFacts> = {}): string {
  return showWhy({ agent, limits: LIMITS, running: true, now: NOW, ...changes })
}

test('a healthy agent', () => {
  const agent = exampleAgentPicture({
    previous: NEW,
    usage: { cpu: 1.23, rss: 5 * 1024 ** 2, fds: 9, processes: 2 },
    limits: [
      { limit: 'CPU', value: '10%', how: 'enforced' },
      { limit: 'memory', value: '20M', how: 'advisory', why: 'the memory controller is not there' },
    ],
    health: { kind: 'http', ready: true, last: { ok: true, at: NOW - 12 } },
    log: { path: '/var/log', bytes: 12 * 1024 },
  })
  expect(why(agent)).toBe(`\
metrics is running: its process runs; since 2023-11-14 22:13:20 UTC, 1 h 2 min ago

  wanted    running
  process   pid 4711, 1.2% CPU, 5 MB, 9 descriptors, 2 processes
  release   1.0.0-11111111; 2.0.0-22222222 to go back to
  strikes   0 in a row; given up after more than 3
  restarts  0 after failures, since it was installed
  health    http: ready; last check 12 s ago: well
  log       /var/log, 12 KB

Limits:
  CPU     10%  enforced
  memory  20M  advisory: the memory controller is not there
  by hybrid: cgroup v1 for limits, v2 to know the processes

What you can do:
  bootagent restart metrics  stop it and start it again
  bootagent stop metrics     stop it until it is started
  bootagent logs metrics     read what it wrote
`)
})

const EXIT = {
  time: NOW - 60,
  release: OLD,
  how: 'ended with exit code 3',
  lived: 2,
  abnormal: true,
  cause: 'exit-code',
} as const

test('an agent that was given up', () => {
  const agent = endedAgentPicture({
    since: NOW - 60,
    state: 'fatal',
    status: 'fatal',
    reason: '4 failures in a row, the last: ended with exit code 3',
    cause: 'exit-code',
    strikes: 4,
    restarts: 3,
    fatal: true,
    exits: [{ ...EXIT, time: NOW - 3600, how: 'ended with exit code 0', abnormal: false, lived: 300 }, EXIT],
    lastWords: ['connecting', 'no route \x1b[31mto host'],
  })
  expect(why(agent)).toBe(`\
metrics is fatal: 4 failures in a row, the last: ended with exit code 3; the last process ended 2023-11-14 23:14:25 UTC, 1 min ago

  cause     exit-code
  wanted    running
  release   1.0.0-11111111
  strikes   4 in a row; given up after more than 3
  restarts  3 after failures, since it was installed
  log       /var/lib/bootagent/agents/metrics/log/output.log

Last exits, newest first:
  2023-11-14 23:14:25 UTC  1.0.0-11111111  after 2 s    exit-code   ended with exit code 3
  2023-11-14 22:15:25 UTC  1.0.0-11111111  after 5 min  no failure  ended with exit code 0

Its last words:
  | connecting
  | no route \\x1b[31mto host

What you can do:
  bootagent reset metrics  forget its failures and start it
  bootagent logs metrics   read what it wrote
`)
})

test('an agent that was killed for using too much', () => {
  const oom = { ...EXIT, cause: 'oom', how: 'killed by the kernel at its memory limit', detail: '20 MB of 20 MB' } as const
  const agent = endedAgentPicture({
    since: NOW - 60,
    state: 'waiting',
    status: 'killed',
    reason: 'killed by the kernel at its memory limit; strike 1 of 3',
    cause: 'oom',
    strikes: 1,
    nextStart: NOW + 121,
    exits: [oom],
    limits: [{ limit: 'memory', value: '20M', how: 'enforced' }],
  })
  expect(why(agent)).toBe(`\
metrics is killed, waiting: killed by the kernel at its memory limit; strike 1 of 3; the last process ended 2023-11-14 23:14:25 UTC, 1 min ago

  next start  2023-11-14 23:17:26 UTC, in 2 min 1 s
  cause       oom
  wanted      running
  release     1.0.0-11111111
  strikes     1 in a row; given up after more than 3
  restarts    0 after failures, since it was installed
  log         /var/lib/bootagent/agents/metrics/log/output.log

Limits:
  memory  20M  enforced
  by hybrid: cgroup v1 for limits, v2 to know the processes

Last exits, newest first:
  2023-11-14 23:14:25 UTC  1.0.0-11111111  after 2 s  oom  killed by the kernel at its memory limit  20 MB of 20 MB

What you can do:
  bootagent start metrics  start it now, and forget its failures
  bootagent stop metrics   do not start it again
  bootagent logs metrics   read what it wrote
`)
})

describe('besides', () => {
  test('a trial is shown with the release that comes back', () => {
    const trial = { job: 'j', from: OLD, seconds: 60 }
    expect(why(exampleAgentPicture({ trial }))).toContain('  trial     for 1 min; should it fail, 1.0.0-11111111 comes back\n')
  })

  test('without a daemon the only advice is to start one', () => {
    expect(why(exampleAgentPicture(), { running: false })).toMatch(/What you can do:\n {2}bootagent -f {2}[^\n]+\n$/)
  })
})

test('what failed its trial is told with why, and with the last words of the latest', () => {
  const failed = {
    release: NEW,
    time: NOW - 60,
    why: 'it exited with code 3 after 20 s',
    exits: [],
    lines: ['no config\x1b[2J'],
  }
  expect(why(exampleAgentPicture({ failed: [{ ...failed, time: NOW - 3600, lines: ['older'] }, failed] }))).toContain(`\
Failed its trial here, and refused until a job forces it:
  2023-11-14 23:14:25 UTC  2.0.0-22222222  it exited with code 3 after 20 s
  2023-11-14 22:15:25 UTC  2.0.0-22222222  it exited with code 3 after 20 s
  | no config\\x1b[2J
`)
})
