import type { Host, LastReport } from './host.ts'

/** A machine's claim to a name. */
export interface Claim {
  readonly agentsn: string
  readonly machine: string
}

/** Where hosts are kept. Each write touches only the fields it names, so an operator's and a host's never undo each other. */
export interface HostStore {
  find(agentsn: string): Promise<Host | undefined>
  /** All hosts, by hostname. */
  all(): Promise<readonly Host[]>
  /** The agentsn must be new. */
  add(host: Host): Promise<void>
  /** Says which machine a host is that was first known by a report. */
  claim(claim: Claim): Promise<void>
  /** False when there is no such host. */
  setTags(agentsn: string, tags: string): Promise<boolean>
  /** A report that names no platform leaves the one that is known. */
  saveReport(agentsn: string, report: LastReport): Promise<void>
  /** The host that this claim was answered with, when the asked agentsn was another machine's. */
  findRenamed(asked: Claim): Promise<Host | undefined>
  /** The agentsn is that of a host which has been added. */
  addRenamed(asked: Claim, agentsn: string): Promise<void>
}
