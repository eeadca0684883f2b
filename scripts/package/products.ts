import type { Payload, PayloadFile } from './payload.ts'

/** What is packaged as one, by the name it is asked for by and that its rpm and tarball carry (seed 001). */
export interface Product {
  readonly name: 'BootAgent' | 'BootServer'
  /** Its name where capitals are not allowed, as in Debian; also that of its service and of the directory of its sources. */
  readonly plain: string
  /** Programs of `npm run build`, the main one first. */
  readonly programs: readonly string[]
  /** Folders of packages/ that the programs are made of. */
  readonly workspace: readonly string[]
  /** One line. */
  readonly summary: string
  /** Sentences, of which each line is short enough for a package's description. */
  readonly description: readonly string[]
  readonly programFiles: readonly ProgramFile[]
  /** Checked in, path from the root of the repository. */
  readonly sources: readonly (Omit<PayloadFile, 'content'> & { readonly source: string })[]
  readonly manuals: readonly Manual[]
  readonly directories: Payload['directories']
  readonly deb: {
    readonly depends: readonly string[]
    readonly recommends: readonly string[]
    readonly suggests: readonly string[]
  }
  readonly rpm: { readonly requires: readonly string[]; readonly recommends: readonly string[] }
}

/** Where a program's executable goes. */
interface ProgramFile {
  readonly program: string
  readonly path: string
}

/** A program's page in docs/programs, and the section of the manual it becomes part of. */
export interface Manual {
  readonly program: string
  readonly section: 1 | 8
  /** One line without a full stop, for `whatis`. */
  readonly does: string
}

/** What the executables are linked with: of the oldest system that Node's own binary is made for. */
const LIBRARIES = ['libc6 (>= 2.28)', 'libgcc-s1', 'libstdc++6 (>= 6)']

export const PRODUCTS: readonly Product[] = [
  {
    name: 'BootAgent',
    plain: 'bootagent',
    programs: ['bootagent'],
    workspace: ['bootagent'],
    summary: "supervisor that installs, runs, limits and upgrades a host's agents",
    description: [
      'BootAgent is one small daemon per host. It registers with a control server,',
      'reports every few minutes, and receives jobs in the reply: it installs,',
      'upgrades and removes agents from checksum-verified packages, keeps them',
      'running by a policy and within their limits, goes back by itself when a new',
      'release does not hold, and says truthfully what happened.',
    ],
    programFiles: [{ program: 'bootagent', path: '/usr/lib/bootagent/bootagent' }],
    sources: [
      { source: 'contrib/guard', path: '/usr/lib/bootagent/guard', mode: 0o755 },
      { source: 'contrib/packages/bootagent/bootagent', path: '/usr/bin/bootagent', mode: 0o755 },
      { source: 'contrib/systemd/bootagent.service', path: '/usr/lib/systemd/system/bootagent.service', mode: 0o644 },
      { source: 'contrib/systemd/hardened.conf', path: '/usr/share/doc/bootagent/examples/hardened.conf', mode: 0o644 },
      { source: 'contrib/packages/bootagent/bootagent.json', path: '/etc/bootagent/bootagent.json', mode: 0o644, config: true },
      { source: 'contrib/packages/bootagent/options', path: '/etc/bootagent/options', mode: 0o644, config: true },
    ],
    manuals: [{ program: 'bootagent', section: 8, does: 'install, run, watch and upgrade the agents of this host' }],
    directories: [{ path: '/var/log/bootagent', mode: 0o750 }],
    deb: {
      depends: LIBRARIES,
      recommends: ['xz-utils'],
      suggests: ['systemd'],
    },
    rpm: { requires: ['coreutils', 'util-linux', 'grep', 'sed'], recommends: ['xz', 'systemd'] },
  },
  {
    name: 'BootServer',
    plain: 'bootserver',
    programs: ['bootserver', 'bootfleet'],
    workspace: ['server', 'cli'],
    summary: 'control server of a fleet of BootAgents',
    description: [
      'BootServer keeps the packages, the jobs, and what every host of a fleet last',
      'said. Each host runs a BootAgent, which reports to it and gets jobs in the',
      'reply. With it comes bootfleet, the command line of operators.',
    ],
    programFiles: [
      { program: 'bootserver', path: '/usr/bin/bootserver' },
      { program: 'bootfleet', path: '/usr/bin/bootfleet' },
    ],
    sources: [
      { source: 'contrib/systemd/bootserver.service', path: '/usr/lib/systemd/system/bootserver.service', mode: 0o644 },
      { source: 'contrib/packages/bootserver/options', path: '/etc/bootserver/options', mode: 0o644, config: true },
    ],
    manuals: [
      { program: 'bootserver', section: 8, does: 'the control server of a fleet of BootAgents' },
      { program: 'bootfleet', section: 1, does: 'look at a fleet of hosts, and manage the agents on them' },
    ],
    directories: [],
    deb: { depends: [...LIBRARIES, 'adduser'], recommends: [], suggests: ['systemd'] },
    rpm: { requires: ['coreutils', 'shadow-utils'], recommends: ['systemd'] },
  },
]
