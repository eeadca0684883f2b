import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { entriesOf, pathOf } from './archives.ts'
import { fakeBuild } from './fake-build.ts'
import { runPackage } from './run-package.ts'

let directory: string
let agent: Readonly<Record<string, string>>
let server: Readonly<Record<string, string>>

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bootagent-contents-test-'))
  fakeBuild(join(directory, 'dist'), { version: '1.2.1' })
  agent = await runPackage(join(directory, 'dist'), 'BootAgent', '1.2.1-3')
  server = await runPackage(join(directory, 'dist'), 'BootServer', '1.2.1')
})
afterAll(() => rmSync(directory, { recursive: true }))

const MACHINE = process.arch === 'x64' ? { deb: 'amd64', rpm: 'x86_64' } : { deb: 'arm64', rpm: 'aarch64' }

const BOOTAGENT = [
  '-rw-r--r-- root/root /etc/bootagent/bootagent.json',
  '-rw-r--r-- root/root /etc/bootagent/options',
  '-rwxr-xr-x root/root /usr/bin/bootagent',
  '-rwxr-xr-x root/root /usr/lib/bootagent/bootagent',
  '-rwxr-xr-x root/root /usr/lib/bootagent/guard',
  '-rw-r--r-- root/root /usr/lib/systemd/system/bootagent.service',
  '-rw-r--r-- root/root /usr/share/bash-completion/completions/bootagent',
  '-rw-r--r-- root/root /usr/share/doc/bootagent/changelog.Debian.gz',
  '-rw-r--r-- root/root /usr/share/doc/bootagent/copyright',
  '-rw-r--r-- root/root /usr/share/doc/bootagent/examples/hardened.conf',
  '-rw-r--r-- root/root /usr/share/doc/bootagent/third-party-notices.gz',
  '-rw-r--r-- root/root /usr/share/man/man8/bootagent.8.gz',
  'drwxr-x--- root/root /var/log/bootagent',
]

const BOOTSERVER = [
  '-rw-r--r-- root/root /etc/bootserver/options',
  '-rwxr-xr-x root/root /usr/bin/bootfleet',
  '-rwxr-xr-x root/root /usr/bin/bootserver',
  '-rw-r--r-- root/root /usr/lib/systemd/system/bootserver.service',
  '-rw-r--r-- root/root /usr/share/bash-completion/completions/bootfleet',
  '-rw-r--r-- root/root /usr/share/bash-completion/completions/bootserver',
  '-rw-r--r-- root/root /usr/share/doc/bootserver/changelog.Debian.gz',
  '-rw-r--r-- root/root /usr/share/doc/bootserver/copyright',
  '-rw-r--r-- root/root /usr/share/doc/bootserver/third-party-notices.gz',
  '-rw-r--r-- root/root /usr/share/man/man1/bootfleet.1.gz',
  '-rw-r--r-- root/root /usr/share/man/man8/bootserver.8.gz',
]

/** Where each kind differs from the others: its completions for zsh, and what is its own. */
const OWN = {
  deb: (name: string, programs: string[]) => [
    `-rw-r--r-- root/root /usr/share/lintian/overrides/${name}`,
    ...programs.map((each) => `-rw-r--r-- root/root /usr/share/zsh/vendor-completions/_${each}`),
  ],
  rpm: (_name: string, programs: string[]) =>
    programs.map((each) => `-rw-r--r-- root/root /usr/share/zsh/site-functions/_${each}`),
  'tar.gz': (_name: string, programs: string[]) => [
    '-rwxr-xr-x root/root /install.sh',
    '-rwxr-xr-x root/root /uninstall.sh',
    ...programs.map((each) => `-rw-r--r-- root/root /usr/share/zsh/site-functions/_${each}`),
  ],
}

test.for(['deb', 'rpm', 'tar.gz'] as const)(
  'a %s holds what runs, serves and explains the programs, all of it root’s',
  (format) => {
    const wanted = {
      agent: [...BOOTAGENT, ...OWN[format]('bootagent', ['bootagent'])],
      server: [...BOOTSERVER, ...OWN[format]('bootserver', ['bootfleet', 'bootserver'])],
    }
    const held = {
      agent: notOfSystem(entriesOf(format, agent[format] ?? '')),
      server: notOfSystem(entriesOf(format, server[format] ?? '')),
    }
    expect(held).toEqual({ agent: byPath(wanted.agent), server: byPath(wanted.server) })
  },
)

/** Directories with the usual mode are anybody's. */
function notOfSystem(entries: string[]): string[] {
  return entries.filter((entry) => !entry.startsWith('drwxr-xr-x'))
}

function byPath(entries: string[]): string[] {
  return entries.sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1))
}

test('packages are called by name, version, release and processor, a .deb as Debian has it', () => {
  expect(Object.values(agent).map((path) => path.slice(path.lastIndexOf('/') + 1))).toEqual([
    `bootagent_1.2.1-3_${MACHINE.deb}.deb`,
    `BootAgent-1.2.1-3.${MACHINE.rpm}.rpm`,
    `BootAgent-1.2.1-3.${MACHINE.rpm}.tar.gz`,
  ])
})

test('settings are the administrator’s: conffiles for dpkg, and not to be replaced for rpm', () => {
  const settings = ['/etc/bootagent/bootagent.json', '/etc/bootagent/options']
  const conffiles = execFileSync('dpkg-deb', ['--info', agent['deb'] ?? '', 'conffiles'], { encoding: 'utf8' })
  expect(conffiles.trim().split('\n')).toEqual(settings)
  const flags = execFileSync('rpm', ['-qp', '--qf', '[%{FILEFLAGS:fflags} %{FILENAMES}\n]', agent['rpm'] ?? ''], {
    encoding: 'utf8',
  })
  expect(flags.split('\n').filter((line) => line.startsWith('c'))).toEqual(settings.map((path) => `cn ${path}`))
})

test('dpkg finds every file as the package brought it', () => {
  const root = join(directory, 'root')
  execFileSync('dpkg-deb', ['--raw-extract', agent['deb'] ?? '', root])
  expect(execFileSync('md5sum', ['--check', '--quiet', 'DEBIAN/md5sums'], { cwd: root, encoding: 'utf8' })).toBe('')
})

test('one build packaged twice is the same, byte for byte, and carries the time of its commit', async () => {
  cpSync(join(directory, 'dist'), join(directory, 'again'), { recursive: true })
  const again = await runPackage(join(directory, 'again'), 'BootAgent', '1.2.1-3')
  expect(Object.values(again).map(digest)).toEqual(Object.values(agent).map(digest))
  expect(
    execFileSync('dpkg-deb', ['--contents', agent['deb'] ?? ''], { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } }),
  ).not.toMatch(/ root\/root +\d+ (?!2026-11-29 08:00)/)
})

function digest(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

test('a package for the other processor is made here as well', async () => {
  const { deb = '', rpm = '' } = await runPackage(
    join(directory, 'dist'),
    'BootAgent',
    '1.2.1',
    '--arch',
    'arm64',
    '--only',
    'deb,rpm',
  )
  expect(execFileSync('dpkg-deb', ['--field', deb, 'Architecture'], { encoding: 'utf8' })).toBe('arm64\n')
  expect(execFileSync('rpm', ['-qp', '--qf', '%{ARCH} %{OS}', rpm], { encoding: 'utf8' })).toBe('aarch64 linux')
})

test('the terms of everything inside are in the package', () => {
  const root = join(directory, 'notices')
  execFileSync('dpkg-deb', ['--extract', agent['deb'] ?? '', root])
  const notices = execFileSync('zcat', [join(root, 'usr/share/doc/bootagent/third-party-notices.gz')], { encoding: 'utf8' })
  for (const name of ['Node.js v24', 'undici 8', 'tar 7', 'yauzl 3', 'basic-ftp', 'commander', 'valibot'])
    expect(notices).toContain(`\n${name}`)
})

test('what the executables are linked with is what the packages ask for', () => {
  const node = join(import.meta.dirname, `../../node_modules/node-linux-${process.arch}/bin/node`)
  const needs = execFileSync('objdump', ['-p', node], { encoding: 'utf8' })
  const libraries = [...needs.matchAll(/NEEDED +(\S+)/g)].map(([, name]) => name)
  // libdl and libpthread are libc6's as well.
  const known = /^(?:libc|libm|libdl|libpthread|ld-linux-x86-64|ld-linux-aarch64|libstdc\+\+|libgcc_s)\.so/
  expect(libraries.filter((name) => !known.test(name ?? ''))).toEqual([])
  const glibc = [...needs.matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor))
  const depends = execFileSync('dpkg-deb', ['--field', agent['deb'] ?? '', 'Depends'], { encoding: 'utf8' })
  expect(depends).toContain(`libc6 (>= 2.${Math.max(...glibc)})`)
})
