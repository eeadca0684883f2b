import process from 'node:process'

/** The user a worker runs as. */
export interface Identity {
  readonly uid: number
  readonly gid: number
}

/** `nobody`: by number, since a host need not know the name. */
const NOBODY: Identity = { uid: 65_534, gid: 65_534 }

/** Who a worker of this process will be, and so who must own its working directory; undefined when it stays who we are. */
export function workerIdentity(): Identity | undefined {
  return process.geteuid?.() === 0 ? NOBODY : undefined
}
