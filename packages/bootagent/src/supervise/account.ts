import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
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
 * those are not in /etc/passwd; where such a directory does not answer, nobody but this one agent waits. `refused` says what to do
 * about it. Rejects when the host does not answer.
 */
export async function findAccount(asked: Run): Promise<Account | { readonly refused: string }> {
  const { user, group, noNewPrivileges = false } = asked
  if (user === undefined && group === undefined && !noNewPrivileges) return ROOT
  const setpriv = SETPRIV.find((path) => existsSync(path))
  if (setpriv === undefined) return { refused: 'this host has no setpriv to give rights up with: install util-linux' }
  const uid = user === undefined ? 0 : await idOf(user, '-u')
  if (uid === undefined) return { refused: `this host has no user "${user}": add it, or change run.user` }
  const own = user === undefined ? undefined : await idOf(user, '-g')
  const gid = group === undefined ? (own ?? uid) : await groupId(group)
  if (gid === undefined) return { refused: `this host has no group "${group}": add it, or change run.group` }
  return { uid, gid, prefix: [setpriv, ...rightsOf({ user, uid, gid, noNewPrivileges, named: own !== undefined }), '--'] }
}

/** What an account is written from for setpriv. */
interface Rights {
  readonly user: string | undefined
  readonly uid: number
  readonly gid: number
  readonly noNewPrivileges: boolean
  /** The host has an account of that name or number. */
  readonly named: boolean
}

function rightsOf(of: Rights): string[] {
  return [
    ...(of.user === undefined ? [] : [`--reuid=${of.uid}`]),
    `--regid=${of.gid}`,
    // Its other groups are those the host gives it; a number without an account has none.
    of.named ? '--init-groups' : '--clear-groups',
    ...(of.noNewPrivileges ? ['--no-new-privs'] : []),
  ]
}

/** A number needs no account of that number. */
async function idOf(account: string, which: '-u' | '-g'): Promise<number | undefined> {
  if (which === '-u' && /^\d+$/.test(account)) return Number(account)
  return await numberOf('id', [which, '--', account])
}

async function groupId(group: string): Promise<number | undefined> {
  return /^\d+$/.test(group) ? Number(group) : await numberOf('getent', ['group', '--', group], 2)
}

/** The number a program prints, as its field of that index between colons; undefined when it says that there is none. */
async function numberOf(program: string, args: readonly string[], field = 0): Promise<number | undefined> {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }
  try {
    const { stdout } = await run(program, args, { timeout: PATIENCE, killSignal: 'SIGKILL', env })
    const found = stdout.trim().split(':')[field]
    return found !== undefined && /^\d+$/.test(found) ? Number(found) : undefined
  } catch (error) {
    // An exit code is its answer. It was not started, or had to be killed: then nothing is known about the account.
    if (typeof (error as { code?: unknown }).code === 'number') return undefined
    throw error
  }
}

const run = promisify(execFile)
/** Milliseconds. */
const PATIENCE = 10_000
