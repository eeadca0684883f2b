import type { DaemonPicture, HostPicture } from '../../control/picture.ts'
import { BootAgentError } from '../../errors.ts'
import type { Paths } from '../../state/paths.ts'
import { findAlive, type ProcessIdentity, readStat } from '../../supervise/process-identity.ts'
import { askDaemon, isAbsent } from '../ask-daemon.ts'
import { findLockHolder } from '../lock-holder.ts'

/** What a BootAgent says of itself. */
export type Daemon = DaemonPicture & Pick<HostPicture, 'version'> & { readonly process: ProcessIdentity }

/** What is seen of the BootAgent of a home. */
export type DaemonSight =
  | { readonly kind: 'in-control'; readonly daemon: Daemon }
  /** A process holds the home and gives no answer: it begins, ends, or hangs. */
  | { readonly kind: 'silent'; readonly holder: ProcessIdentity; readonly why: string }
  | { readonly kind: 'none' }

/** Looks, without a word of any file about who it is. Throws when another's BootAgent answers, or when it is not ours to ask. */
export async function lookAtDaemon(paths: Paths): Promise<DaemonSight> {
  const said = await ask(paths)
  if ('why' in said) return silentOrNone(paths, said.why)
  const { home, pid } = said.daemon
  if (home !== paths.home)
    throw new BootAgentError(
      'usage',
      `${paths.control} is answered by the BootAgent of ${home}: give this one a --run of its own`,
    )
  const process = identityOf(pid)
  return process === undefined ? { kind: 'none' } : { kind: 'in-control', daemon: { ...said.daemon, process } }
}

/** Whether that very process still holds the home. Asked before each signal: nothing else makes a process ours. */
export function isProvenOurs(paths: Paths, holder: ProcessIdentity): boolean {
  return findLockHolder(paths.lock) === holder.pid && findAlive(holder) !== undefined
}

/** Milliseconds within which one that works says who it is. */
const PATIENCE = 5000

async function ask({ control }: Paths): Promise<{ readonly daemon: Omit<Daemon, 'process'> } | { readonly why: string }> {
  try {
    const reply = await askDaemon(control, { method: 'GET', path: '/daemon', patience: PATIENCE })
    return reply.kind === 'answer' ? { daemon: reply.value as Daemon } : { why: reply.message }
  } catch (error) {
    if (!(error instanceof BootAgentError) || isForbidden(error.cause)) throw error
    return { why: isAbsent(error) ? 'nobody listens on its control socket' : error.message }
  }
}

function silentOrNone({ lock }: Paths, why: string): DaemonSight {
  const pid = findLockHolder(lock)
  const holder = pid === undefined ? undefined : identityOf(pid)
  return holder === undefined ? { kind: 'none' } : { kind: 'silent', holder, why }
}

function identityOf(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid)
  return stat === undefined ? undefined : { pid: stat.pid, started: stat.started }
}

function isForbidden(cause: unknown): boolean {
  return ['EACCES', 'EPERM'].includes((cause as NodeJS.ErrnoException | undefined)?.code ?? '')
}
