/**
 * Why an agent's process ended, when nobody had asked for it; in `agents[].cause` and in the events of an exit.
 *
 *     exit-code     it ended by itself, with that code
 *     signal        a signal ended it, and the limits had nothing to do with it
 *     oom           the kernel killed it, or one of its processes, at its memory limit
 *     over-limit    we killed it: it was over a limit that only we watch, check after check
 *     not-ready     we killed it: it did not become ready in the time it has for that
 *     unhealthy     we killed it: it failed its health check too often in a row
 *     start-failed  it never became its program: missing, not executable, or what the host refused
 *     lost          nobody can know: its shim was killed with it, or the machine went down
 */
export const CAUSES = ['exit-code', 'signal', 'oom', 'over-limit', 'not-ready', 'unhealthy', 'start-failed', 'lost'] as const
export type Cause = (typeof CAUSES)[number]

/** The causes behind the seed's word `killed`: 资源超限等原因被强制杀死, killed by force for using more than it may. */
export const KILLED_CAUSES: readonly Cause[] = ['oom', 'over-limit']
