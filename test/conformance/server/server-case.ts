import type { Case } from '../conformance-case.ts'

/** The server under test. */
export interface ServerGround {
  /** `http://host:port`, without a slash at the end. */
  readonly url: string
  /** What operators show, if the server asks for it. */
  readonly token: string | undefined
  /** Aborted when the case has had its time. */
  readonly signal: AbortSignal
}

/** One thing a server must do. */
export type ServerCase = Case<ServerGround>
