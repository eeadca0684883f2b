import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exampleAgentPicture, exampleHostPicture } from '../../test/control/example-picture.ts'
import { metricsText } from './metrics.ts'
import type { HostPicture } from './picture.ts'

const USAGE = { cpu: 12.5, rss: 4096, fds: 7, processes: 2 }

test('a host is told line by line', () => {
  const agents = [
    exampleAgentPicture({ usage: USAGE, restarts: 2, health: { kind: 'tcp', ready: true }, log: { path: '/l', dropped: 9 } }),
    exampleAgentPicture({ name: 'logs', state: 'fatal', uptime: 0, strikes: 4 }),
  ]
  expect(metricsText(exampleHostPicture({ agents, eventsWaiting: 3, jobsOpen: 1 }))).toBe(`\
# HELP bootagent_info Always 1; the version is in its label.
# TYPE bootagent_info gauge
bootagent_info{version="1.2.3"} 1
# HELP bootagent_uptime_seconds Since BootAgent was started.
# TYPE bootagent_uptime_seconds gauge
bootagent_uptime_seconds 60
# HELP bootagent_agents Agents by state.
# TYPE bootagent_agents gauge
bootagent_agents{state="stopped"} 0
bootagent_agents{state="starting"} 0
bootagent_agents{state="running"} 1
bootagent_agents{state="stopping"} 0
bootagent_agents{state="waiting"} 0
bootagent_agents{state="fatal"} 1
# HELP bootagent_events_waiting Events the server has not acknowledged.
# TYPE bootagent_events_waiting gauge
bootagent_events_waiting 3
# HELP bootagent_jobs_open Jobs accepted and not finished.
# TYPE bootagent_jobs_open gauge
bootagent_jobs_open 1
# HELP bootagent_agent_up Whether its process runs.
# TYPE bootagent_agent_up gauge
bootagent_agent_up{agent="metrics"} 1
bootagent_agent_up{agent="logs"} 0
# HELP bootagent_agent_uptime_seconds Since its process was started; 0 without one.
# TYPE bootagent_agent_uptime_seconds gauge
bootagent_agent_uptime_seconds{agent="metrics"} 3725
bootagent_agent_uptime_seconds{agent="logs"} 0
# HELP bootagent_agent_restarts_total Starts after failures, since it was installed.
# TYPE bootagent_agent_restarts_total counter
bootagent_agent_restarts_total{agent="metrics"} 2
bootagent_agent_restarts_total{agent="logs"} 0
# HELP bootagent_agent_strikes Failures in a row that count towards giving it up.
# TYPE bootagent_agent_strikes gauge
bootagent_agent_strikes{agent="metrics"} 0
bootagent_agent_strikes{agent="logs"} 4
# HELP bootagent_agent_ready Whether its health check has found it ready.
# TYPE bootagent_agent_ready gauge
bootagent_agent_ready{agent="metrics"} 1
# HELP bootagent_agent_cpu_percent Percent of one core, all its processes together.
# TYPE bootagent_agent_cpu_percent gauge
bootagent_agent_cpu_percent{agent="metrics"} 12.5
# HELP bootagent_agent_resident_memory_bytes Memory of all its processes.
# TYPE bootagent_agent_resident_memory_bytes gauge
bootagent_agent_resident_memory_bytes{agent="metrics"} 4096
# HELP bootagent_agent_open_fds Open descriptors of all its processes.
# TYPE bootagent_agent_open_fds gauge
bootagent_agent_open_fds{agent="metrics"} 7
# HELP bootagent_agent_processes Its processes.
# TYPE bootagent_agent_processes gauge
bootagent_agent_processes{agent="metrics"} 2
# HELP bootagent_log_dropped_bytes_total Bytes of its log dropped for lack of room.
# TYPE bootagent_log_dropped_bytes_total counter
bootagent_log_dropped_bytes_total{agent="metrics"} 9
`)
})

/** One line of the format, as its description has it: a comment, or a sample with its labels and value. */
const LINE =
  /^(?:# HELP [a-z_]+ [^\n\\]+|# TYPE [a-z_]+ (?:gauge|counter)|[a-z_]+(?:\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"\})? (?:-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|NaN|[+-]Inf))$/

// An agent's name cannot hold such things, a version can be anything that somebody has built in.
test('whatever is in a label or a value, each line is one of the format', () => {
  const hostile = fc.oneof(
    fc.constantFrom('"', '\\', '\n', '\r', '{', '}'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  )
  const anything = fc.record({ version: fc.string({ unit: hostile }), uptime: fc.double(), jobsOpen: fc.double() })
  fc.assert(
    fc.property(anything, (changes: Partial<HostPicture>) => {
      const text = metricsText(exampleHostPicture(changes))
      expect(text.endsWith('\n')).toBe(true)
      for (const line of text.slice(0, -1).split('\n')) expect(line).toMatch(LINE)
    }),
  )
})

test('names are unique, and each is described before its first sample', () => {
  const lines = metricsText(exampleHostPicture({ agents: [exampleAgentPicture({ usage: USAGE })] })).split('\n')
  const types = lines.flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? [])
  expect(new Set(types).size).toBe(types.length)
  for (const [at, line] of lines.entries()) {
    const name = /^([a-z_]+)/.exec(line)?.[1]
    if (name !== undefined) expect(lines.slice(0, at)).toContainEqual(expect.stringMatching(`^# TYPE ${name} `))
  }
})
