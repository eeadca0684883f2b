/**
 * Every path BootAgent writes.
 *
 *     <home>/                      0700, one mount; 0711 once an agent has a user of its own (ADR 0023)
 *       metafile.json              the one truth
 *       metafile.prev.json         the copy before the last write
 *       lock                       held by the one BootAgent of this home, whatever its <run>
 *       tmp/                       work in progress; swept at start
 *       packages/<digest>          verified packages; .part on its way, .source what its source said of it (ADR 0030)
 *       agents/<name>/
 *         releases/<version>-<sha8>/   an unpacked package, immutable once renamed into place; releases of it share it
 *         files/<set>/             the configuration files of a release; immutable too
 *         current, previous -> releases/…, config -> files/…   for people; the metafile decides
 *         data/                    the agent's own; survives upgrades
 *         log/output.log           its stdout and stderr, written by itself
 *         log/output.log.1 …       what it wrote before, .1 the newest (ADR 0025); .new while one is copied
 *       self/                    BootAgent's own executable in two slots, and which is to run (ADR 0048)
 *     <run>/                       gone after a reboot; a lock of its own keeps two homes from sharing it
 *       control.sock               where operators at the host ask, while a BootAgent runs
 *       agents/<name>/<attempt>/   one start: who it is, its limits, how it ended (supervise/attempt.ts); `own/` is the agent's
 */
export interface Paths {
  readonly home: string
  readonly metafile: string
  readonly previousMetafile: string
  readonly tmp: string
  readonly packages: string
  readonly agents: string
  readonly own: string
  readonly run: string
  readonly lock: string
  readonly attempts: string
  readonly control: string
}

/** The paths below one agent's directory. */
export interface AgentPaths {
  readonly root: string
  readonly releases: string
  readonly files: string
  readonly current: string
  readonly previous: string
  readonly config: string
  readonly data: string
  readonly log: string
  readonly output: string
  /** One directory per attempt; below `run`. */
  readonly attempts: string
}

/** Both directories without a trailing slash. */
export function pathsOf(home: string, run: string): Paths {
  return {
    home,
    metafile: `${home}/metafile.json`,
    previousMetafile: `${home}/metafile.prev.json`,
    tmp: `${home}/tmp`,
    packages: `${home}/packages`,
    agents: `${home}/agents`,
    own: `${home}/self`,
    run,
    lock: `${home}/lock`,
    attempts: `${run}/agents`,
    control: `${run}/control.sock`,
  }
}

/** The name has been judged by protocol's `AgentName`: it cannot leave the directory. */
export function agentPaths(paths: Paths, name: string): AgentPaths {
  const root = `${paths.agents}/${name}`
  return {
    root,
    releases: `${root}/releases`,
    files: `${root}/files`,
    current: `${root}/current`,
    previous: `${root}/previous`,
    config: `${root}/config`,
    data: `${root}/data`,
    log: `${root}/log`,
    output: `${root}/log/output.log`,
    attempts: `${paths.attempts}/${name}`,
  }
}

/** Where an unpacked package lies. */
export function treePath(paths: Paths, name: string, tree: string): string {
  return `${paths.agents}/${name}/releases/${tree}`
}

/** Where a set of configuration files lies. */
export function fileSetPath(paths: Paths, name: string, set: string): string {
  return `${paths.agents}/${name}/files/${set}`
}

/** `<version>-<first 8 digits of the package's digest>`: two packages of one version never share a directory. */
export function releaseId(version: string, digest: string): string {
  return `${version}-${digest.slice(0, 8)}`
}
