import type { AgentPicture, HostPicture } from './picture.ts'

/** One line of a metric: its labels and its value. */
type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]

interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly samples: (picture: HostPicture) => readonly Sample[]
}

/** What Prometheus is given, as the text format 0.0.4 writes it. */
export function metricsText(picture: HostPicture): string {
  return METRICS.map((metric) => metricText(metric, metric.samples(picture))).join('')
}

/** The content type that goes with it. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

const STATES = [
  'stopped',
  'starting',
  'running',
  'stopping',
  'waiting',
  'fatal',
] as const satisfies readonly AgentPicture['state'][]

const METRICS: readonly Metric[] = [
  gauge('info', 'Always 1; the version is in its label.', ({ version }) => [[{ version }, 1]]),
  gauge('uptime_seconds', 'Since BootAgent was started.', ({ uptime }) => [[{}, uptime]]),
  gauge('agents', 'Agents by state.', ({ agents }) =>
    STATES.map((state) => [{ state }, agents.filter((agent) => agent.state === state).length]),
  ),
  gauge('events_waiting', 'Events the server has not acknowledged.', ({ eventsWaiting }) => [[{}, eventsWaiting]]),
  gauge('jobs_open', 'Jobs accepted and not finished.', ({ jobsOpen }) => [[{}, jobsOpen]]),
  ofAgent('gauge', 'agent_up', 'Whether its process runs.', ({ state }) => (state === 'running' ? 1 : 0)),
  ofAgent('gauge', 'agent_uptime_seconds', 'Since its process was started; 0 without one.', ({ uptime }) => uptime),
  ofAgent('counter', 'agent_restarts_total', 'Starts after failures, since it was installed.', ({ restarts }) => restarts),
  ofAgent('gauge', 'agent_strikes', 'Failures in a row that count towards giving it up.', ({ strikes }) => strikes),
  ofAgent('gauge', 'agent_ready', 'Whether its health check has found it ready.', ({ health }) =>
    health === undefined ? undefined : Number(health.ready),
  ),
  ofAgent('gauge', 'agent_cpu_percent', 'Percent of one core, all its processes together.', ({ usage }) => usage?.cpu),
  ofAgent('gauge', 'agent_resident_memory_bytes', 'Memory of all its processes.', ({ usage }) => usage?.rss),
  ofAgent('gauge', 'agent_open_fds', 'Open descriptors of all its processes.', ({ usage }) => usage?.fds),
  ofAgent('gauge', 'agent_processes', 'Its processes.', ({ usage }) => usage?.processes),
  ofAgent('counter', 'log_dropped_bytes_total', 'Bytes of its log dropped for lack of room.', ({ log }) => log.dropped),
]

function gauge(name: string, help: string, samples: Metric['samples']): Metric {
  return { name: `bootagent_${name}`, type: 'gauge', help, samples }
}

/** One sample an agent; none of an agent of which it is not known. */
function ofAgent(
  type: Metric['type'],
  name: string,
  ...[help, value]: [string, (agent: AgentPicture) => number | undefined]
): Metric {
  return {
    name: `bootagent_${name}`,
    type,
    help,
    samples: ({ agents }) =>
      agents.flatMap((agent): Sample[] => {
        const known = value(agent)
        return known === undefined ? [] : [[{ agent: agent.name }, known]]
      }),
  }
}

/** A metric without samples is left out whole. */
function metricText({ name, type, help }: Metric, samples: readonly Sample[]): string {
  if (samples.length === 0) return ''
  const lines = samples.map(([labels, value]) => `${name}${labelsText(labels)} ${numberText(value)}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

/** The format's own three escapes; it has no other. */
function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

/** The format writes what JSON cannot. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf'
}
