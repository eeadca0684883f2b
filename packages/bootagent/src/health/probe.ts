import { excerpt, type Health } from '@bootagent/protocol'
import type { Clock } from '@bootagent/runtime'
import { type CheckResult, healthSettings } from './judge-health.ts'
import { createExecProbe } from './probe-exec.ts'
import { probeFile } from './probe-file.ts'
import { probeHttp } from './probe-http.ts'
import { probeTcp } from './probe-tcp.ts'

/** What a check needs to know about an agent's running attempt. All paths are absolute. */
export interface ProbeSubject {
  /** The attempt's own directory. */
  readonly directory: string
  /** The release that runs: programs of checks lie in it. */
  readonly release: string
  /** The agent's whole environment, with the tag of its attempt: a check that hangs is found, and ended, with its agent. */
  readonly environment: Readonly<Record<string, string>> & { readonly BOOTAGENT_ATTEMPT: string }
  /** Its working directory. */
  readonly data: string
  /** The command, with its arguments, behind which a program gets the agent's rights and limits; may be empty. */
  readonly prefix: readonly string[]
}

/** Checks once. Resolves by the check's time limit, or soon after the signal is aborted; rejects for nothing an agent may do. */
export type Probe = (health: Health, subject: ProbeSubject, signal: AbortSignal) => Promise<CheckResult>

/** What one way of asking came to; `said` goes on from the name of what was asked. Undefined when it was called off before. */
export type Finding = { readonly ok: true } | { readonly ok: false; readonly said: string; readonly hindered?: true } | undefined

/** Of all settings of checks, those of one kind. */
export type HealthOf<Kind extends Health['kind']> = Extract<Health, { kind: Kind }>

/** Probes in all four ways; one for a whole BootAgent. */
export function createProbe(clock: Clock): Probe {
  const ask = createAsk()
  return async (health, subject, signal) => {
    const { timeout } = healthSettings(health)
    const over = new AbortController()
    const began = clock.uptime()
    const asking = ask(health, subject, AbortSignal.any([signal, over.signal]))
    const late = clock.sleep(timeout * 1000, over.signal).then((elapsed) => {
      if (elapsed) over.abort()
    })
    const finding = await asking.finally(() => over.abort())
    await late
    return read(health, finding ?? lateness(timeout, clock.uptime() - began))
  }
}

/** Every kind of check with its one way of asking. */
function createAsk(): (health: Health, subject: ProbeSubject, signal: AbortSignal) => Promise<Finding> {
  const probeExec = createExecProbe()
  return async (health, subject, signal) => {
    switch (health.kind) {
      case 'file':
        return probeFile(subject)
      case 'tcp':
        return probeTcp(health, signal)
      case 'http':
        return probeHttp(health, signal)
      case 'exec':
        return probeExec(health, subject, signal)
    }
  }
}

/** Whoever stood still himself, with a stopped machine or a busy one, cannot say that another was late. */
function lateness(timeout: number, elapsed: number): NonNullable<Finding> {
  const said = `took longer than ${timeout} s`
  return elapsed < 2 * timeout + 1 ? { ok: false, said } : { ok: false, said, hindered: true }
}

function read(health: Health, finding: NonNullable<Finding>): CheckResult {
  if (finding.ok) return finding
  const { said, ...rest } = finding
  return { ...rest, why: `${nameOf(health)} ${said}` }
}

/** What is asked, as a sentence begins with it. It comes from a job: cut to what may be shown. */
function nameOf(health: Health): string {
  switch (health.kind) {
    case 'file':
      return 'its ready file'
    case 'tcp':
      return `a connection to 127.0.0.1:${health.port}`
    case 'http':
      return `GET ${excerpt(health.url, 70)}`
    case 'exec':
      return `the check ${excerpt(health.exec, 70)}`
  }
}
