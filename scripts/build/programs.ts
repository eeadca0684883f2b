/** A program that is built into one executable. */
export interface Program {
  readonly name: string
  /** From the root of the repository. */
  readonly entry: string
  /** Whether the server list is baked into it. */
  readonly hasServers: boolean
  /**
   * Modules that become texts of their own inside the executable, and are evaluated when they are first imported: what only a short-lived
   * process needs must not be in the memory of the resident one.
   */
  readonly apart: Readonly<Record<string, string>>
  /** Options of Node and V8, fixed inside the executable. */
  readonly flags: readonly string[]
}

/**
 * V8 saves time with memory, and a resident that mostly waits has no use for that time (docs/adr/0047). Its compilers alone are 9 MB of
 * Node's file that are never read then.
 */
const RESIDENT_FLAGS = [
  '--optimize-for-size',
  '--max-semi-space-size=1',
  '--v8-pool-size=1',
  '--single-threaded-gc',
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  // What a start has run, and nothing else will, is forgotten the first time that garbage is collected and not the sixth.
  '--bytecode-old-age=1',
  '--expose-gc',
]

/** Everything that `npm run build` makes. */
export const PROGRAMS: readonly Program[] = [
  {
    name: 'bootagent',
    entry: 'packages/bootagent/src/main.ts',
    hasServers: true,
    apart: { worker: 'packages/bootagent/src/worker/run-worker.ts' },
    flags: RESIDENT_FLAGS,
  },
  { name: 'bootserver', entry: 'packages/server/src/main.ts', hasServers: false, apart: {}, flags: [] },
  { name: 'bootfleet', entry: 'packages/cli/src/main.ts', hasServers: false, apart: {}, flags: [] },
]
