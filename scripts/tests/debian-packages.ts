import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import process from 'node:process'

/** A Debian package that tests run programs of; it is missing when the program is not on the PATH, or, of a library, the file not there. */
export interface Needed {
  readonly package: string
  readonly program: string
  readonly file?: string
  readonly why: string
}

const NEEDED: readonly Needed[] = [
  { package: 'openssl', program: 'openssl', why: 'makes the authorities and certificates of the TLS tests' },
  { package: 'strace', program: 'strace', why: 'shows the order of system calls, and kills or fails at the n-th' },
  { package: 'xfsprogs', program: 'xfs_io', why: 'makes xfs, and shuts file systems down as a power cut does' },
  { package: 'e2fsprogs', program: 'mkfs.ext4', why: 'makes disks that fill up, break, and lose their power' },
  { package: 'btrfs-progs', program: 'mkfs.btrfs', why: 'makes disks with a quota that root is held to as well' },
  { package: 'xz-utils', program: 'xz', why: 'unpacks and makes xz archives' },
  { package: 'zstd', program: 'zstd', why: 'makes zstd archives; tar calls it' },
  { package: 'tar', program: 'tar', why: 'makes honest archives to compare with' },
  { package: 'binutils', program: 'strip', why: 'takes the symbols off the Node that executables are made of' },
  { package: 'rpm', program: 'rpmbuild', why: 'makes honest .rpm packages' },
  { package: 'libarchive-tools', program: 'bsdtar', why: 'makes .zip archives in its own way' },
  { package: 'zip', program: 'zip', why: 'makes honest .zip archives' },
  { package: 'dpkg', program: 'dpkg-deb', why: 'makes honest .deb packages' },
  { package: 'lintian', program: 'lintian', why: 'judges our .deb packages' },
  { package: 'rpmlint', program: 'rpmlint', why: 'judges our .rpm packages' },
  { package: 'shellcheck', program: 'shellcheck', why: 'judges the scripts that run on hosts' },
  { package: 'systemd', program: 'systemd-analyze', why: 'judges our units; it need not run' },
  { package: 'man-db', program: 'man', why: 'reads our manual pages' },
  { package: 'zsh', program: 'zsh', why: 'reads our completions for it' },
  { package: 'vsftpd', program: 'vsftpd', why: 'hands packages out by FTP' },
  {
    package: 'python3-pyftpdlib',
    program: 'python3',
    file: '/usr/lib/python3/dist-packages/pyftpdlib/__init__.py',
    why: 'hands packages out by FTP to who can log in',
  },
  {
    package: 'nginx-light',
    program: 'nginx',
    why: 'hands packages out by HTTP and HTTPS, in parts, to whom a certificate vouches for',
  },
  { package: 'tinyproxy', program: 'tinyproxy', why: 'stands between a host and a package server' },
  { package: 'iproute2', program: 'ip', why: 'makes networks that are cut' },
  { package: 'util-linux', program: 'unshare', why: 'mounts small disks that only the test sees' },
  { package: 'coreutils', program: 'mkfifo', why: 'makes files that are none' },
]

/** What is missing could not be installed; the message says what to type. */
export class MissingPackages extends Error {}

/**
 * Installs what is missing of what `npm test` needs, or of the packages given, when this is root; throws {@link MissingPackages}
 * otherwise. Says on standard error what it does.
 */
export function ensureDebianPackages(needed: readonly Needed[] = NEEDED): void {
  const missing = needed.filter(({ program, file }) => !onPath(program) || (file !== undefined && !existsSync(file)))
  if (missing.length === 0) return
  const names = missing.map((each) => each.package)
  const list = missing.map((each) => `  ${each.package}: ${each.why}`).join('\n')
  const command = `apt-get install -y --no-install-recommends ${names.join(' ')}`
  if (process.geteuid?.() !== 0)
    throw new MissingPackages(`The tests need Debian packages that are not here:\n${list}\nInstall them:\n  sudo ${command}`)
  process.stderr.write(`Installing Debian packages that the tests need:\n${list}\n`)
  try {
    install(names)
  } catch (error) {
    throw new MissingPackages(`They could not be installed. Try by hand:\n  apt-get update && ${command}`, { cause: error })
  }
}

/** Only a machine without package lists, or with old ones, must fetch them first. */
function install(names: readonly string[]): void {
  const apt = (...args: readonly string[]) =>
    execFileSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  try {
    apt('install', '-y', '--no-install-recommends', ...names)
  } catch (error) {
    if (typeof (error as { status?: unknown }).status !== 'number') throw error
    apt('update')
    apt('install', '-y', '--no-install-recommends', ...names)
  }
}

/** The PATH of an ordinary user lacks the system directories, where `ip` is. */
function onPath(program: string): boolean {
  const directories = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin']
  return directories.some((directory) => isExecutable(`${directory}/${program}`))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch (error) {
    if (ABSENT.includes((error as NodeJS.ErrnoException).code)) return false
    throw error
  }
}

const ABSENT: readonly (string | undefined)[] = ['ENOENT', 'EACCES', 'ENOTDIR']
