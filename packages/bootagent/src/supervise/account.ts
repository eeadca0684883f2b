import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Run } from '@bootagent/protocol'
import { SETPRIV } from './shim.ts'

/** Whose rights an agent has, as the host knows them. */
export interface Account {
  readonly uid: number
  readonly gid: number
  /** What its program is started behind, to have those rights and no others; nothing for root's. */
  readonly prefix: readonly string[]
}

/** Root with all its rights, as an agent is run that names nobody. */
const ROOT: Account = { uid: 0, gid: 0, prefix: [] }

/**
 * Finds the account an agent is to run as. The host's own programs are asked, which know its directories of users also where
 * those are not in /etc/passwd. `refused` says what to do about it.
 */
export function findAccount({ user, group, noNewPrivileges = false }: Run): Account | { readonly refused: string } {
  if (user === undefined && group === undefined && !noNewPrivileges) return ROOT
  const setpriv = SETPRIV.find((path) => existsSync(path))
  if (setpriv === undefined) return { refused: 'this host has no setpriv to give rights up with: install util-linux' }
  const uid = user === undefined ? 0 : idOf(user, '-u')
  if (uid === undefined) return { refused: `this host has no user "${user}": add it, or change run.user` }
  const gid = group === undefined ? primaryGroup(user, uid) : groupId(group)
  if (gid === undefined) return { refused: `this host has no group "${group}": add it, or change run.group` }
  return { uid, gid, prefix: [setpriv, ...rightsOf({ user, uid, gid, noNewPrivileges }), '--'] }
}

function rightsOf(of: { user: string | undefined; uid: number; gid: number; noNewPrivileges: boolean }): string[] {
  const named = of.user !== undefined && idOf(of.user, '-g') !== undefined
  return [
    ...(of.user === undefined ? [] : [`--reuid=${of.uid}`]),
    `--regid=${of.gid}`,
    // Its other groups are those the host gives it; a number without an account has none.
    named ? '--init-groups' : '--clear-groups',
    ...(of.noNewPrivileges ? ['--no-new-privs'] : []),
  ]
}

/** A number needs no account of that number. */
function idOf(account: string, which: '-u' | '-g'): number | undefined {
  if (which === '-u' && /^\d+$/.test(account)) return Number(account)
  return numberOf('id', [which, '--', account])
}

function primaryGroup(user: string | undefined, uid: number): number {
  return user === undefined ? 0 : (idOf(user, '-g') ?? uid)
}

function groupId(group: string): number | undefined {
  return /^\d+$/.test(group) ? Number(group) : numberOf('getent', ['group', '--', group], 2)
}

/** The number a program prints, as its field of that index between colons. */
function numberOf(program: string, args: readonly string[], field = 0): number | undefined {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', timeout: 10_000, env })
  const found = status === 0 ? stdout.trim().split(':')[field] : undefined
  return found !== undefined && /^\d+$/.test(found) ? Number(found) : undefined
}
