import type { ExitRecord } from '../state/metafile-schema.ts'

/** One start of an agent's process, as it is told to others. */
interface Running {
  readonly name: string
  readonly release: string
  readonly pid: number
  readonly attempt: string
}

/** What supervision saw or did, told once each, after it is true. */
export type Happening =
  | ({ readonly kind: 'agent-started' } & Running)
  /** It was running before this BootAgent was, and is ours again. */
  | ({ readonly kind: 'agent-adopted' } & Running)
  | { readonly kind: 'agent-exited'; readonly name: string; readonly exit: ExitRecord }
  /** Nothing of it runs, and nothing will until it is started. */
  | { readonly kind: 'agent-stopped'; readonly name: string; readonly reason: string }
  /** It is started again at `until`, in seconds since boot. */
  | { readonly kind: 'agent-waiting'; readonly name: string; readonly until: number; readonly reason: string }
  | { readonly kind: 'agent-fatal'; readonly name: string; readonly reason: string }
  /** These processes are still there after KILL. */
  | { readonly kind: 'agent-stuck'; readonly name: string; readonly pids: readonly number[]; readonly why: string }
