import { expect, test } from 'vitest'
import { endedAgentPicture, exampleAgentPicture, exampleHostPicture } from '../../test/control/example-picture.ts'
import { NEW } from '../../test/scenes/example-metafile.ts'
import { showStatus } from './show-status.ts'

test('agents are rows in aligned columns', () => {
  const agents = [
    exampleAgentPicture({ usage: { cpu: 0.25, rss: 20 * 1024 ** 2, fds: 7, processes: 1 } }),
    endedAgentPicture({
      name: 'collector',
      release: NEW,
      state: 'waiting',
      status: 'killed',
      reason: 'killed by the kernel at its memory limit; strike 1 of 3',
      restarts: 12,
      trial: { job: 'j', from: null, seconds: 60 },
    }),
  ]
  expect(showStatus(exampleHostPicture({ agents }))).toBe(`\
AGENT      RELEASE         WANTED   STATE                      PID   UPTIME     RESTARTS  CPU   MEMORY  WHY
metrics    1.0.0-11111111  running  running                    4711  1 h 2 min  0         0.3%  20 MB   its process runs
collector  2.0.0-22222222  running  killed, waiting, on trial  -     -          12        -     -       killed by the kernel at its memory limit; strike 1 of 3
`)
})

test('a host that no server lets in says so, and what each said', () => {
  const silent = { since: 1_700_000_000, rounds: 9, denials: 7, why: ['http://a:8180: the server answered 401'] }
  expect(showStatus(exampleHostPicture({ agents: [], hearing: { silent } }))).toBe(`\
No agents are installed on this host.

Not let in by any server, 7 times in a row, since 2023-11-14 22:13:20 UTC:
  http://a:8180: the server answered 401
`)
})

test('a host whose servers are only away shows its agents', () => {
  const silent = { since: 1_700_000_000, rounds: 9, denials: 0, why: ['http://a:8180: nothing listens there'] }
  expect(showStatus(exampleHostPicture({ agents: [], hearing: { silent } }))).toBe('No agents are installed on this host.\n')
})

test('how limits are held is said, and which are not', () => {
  const limits = { kind: 'none', why: 'this host has no control groups' } as const
  const held = { limit: 'nofile', value: '64', how: 'enforced' } as const
  const loose = { limit: 'memory', value: '20M', how: 'advisory', why: 'watched by BootAgent' } as const
  const agents = [exampleAgentPicture({ limits: [held, loose] })]
  expect(showStatus(exampleHostPicture({ agents, limits }))).toContain(`
Limits by none: this host has no control groups
  metrics: memory 20M is advisory: watched by BootAgent
`)
})

test('a host without agents says so', () => {
  expect(showStatus(exampleHostPicture({ agents: [] }))).toBe('No agents are installed on this host.\n')
})

// An agent has a say in why it ended.
test('nothing an agent has a say in can move a cursor', () => {
  const text = showStatus(exampleHostPicture({ agents: [exampleAgentPicture({ reason: 'oh\x1b[2J\nroot' })] }))
  expect(text).toContain('oh\\x1b[2J\\nroot')
  expect(text.split('\n')).toHaveLength(3)
})
