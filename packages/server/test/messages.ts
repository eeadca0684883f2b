import type { RegisterRequest, StatusReport } from '@bootagent/protocol'

/** A request to register as a current BootAgent makes it. */
export function registerRequest(fields: Partial<RegisterRequest> = {}): RegisterRequest {
  return { hostname: 'web-1', agentsn: 'sn-1', machine: 'm-1', platform: { os: 'linux', arch: 'x64' }, ...fields }
}

/** A report with nothing to say. */
export function statusReport(fields: Partial<StatusReport> = {}): StatusReport {
  return {
    hostname: 'web-1',
    agentsn: 'sn-1',
    version: 'bootagent-0.1.0-x86_64',
    uptime: 10,
    timestamp: 1_000_000,
    step: 600,
    agents: [],
    jobs: [],
    ...fields,
  }
}

/** Where a package is published. */
export const METRICS = '/api/v1/packages/metrics/1.0.0?os=linux&arch=x64&file=metrics-1.0.0.tar.gz'
