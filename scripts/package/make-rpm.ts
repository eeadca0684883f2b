import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hostScripts } from './host-scripts.ts'
import { MAINTAINER } from './maintainer.ts'
import type { Making } from './making.ts'
import type { Payload } from './payload.ts'
import { ARCH_NAMES, fileNameOf, packagedVersion, type Release } from './release.ts'
import { runTool } from './run-tool.ts'
import { setTimes, stageTree } from './stage-tree.ts'

/** Makes an .rpm at `path` by rpmbuild. The same payload makes the same bytes where rpmbuild is the same. */
export async function makeRpm({ release, payload, root, work, quick }: Making, path: string): Promise<void> {
  const tree = join(work, 'tree')
  await mkdir(tree, { mode: 0o755 })
  await stageTree(payload, tree)
  await setTimes(tree, release.epoch)
  const spec = join(work, `${release.product.plain}.spec`)
  await writeFile(spec, specOf(release, payload, hostScripts(root, release.product, 'rpm')))
  const defines = { ...DEFINES, _topdir: join(work, 'rpmbuild'), _rpmdir: join(work, 'out'), staged: tree }
  const packing = quick ? 'w1.gzdio' : 'w6.xzdio'
  const args = Object.entries({ ...defines, _binary_payload: packing }).flatMap(([name, value]) => [
    '--define',
    `${name} ${value}`,
  ])
  const { rpm } = ARCH_NAMES[release.arch]
  await runTool('rpmbuild', ['-bb', '--quiet', '--target', `${rpm}-linux`, ...args, spec], {
    env: { SOURCE_DATE_EPOCH: String(release.epoch) },
  })
  await rename(join(work, 'out', fileNameOf(release, 'rpm')), path)
}

/** Of the executables nothing is touched: stripped, they would lose the program inside. */
const DEFINES = {
  __os_install_post: '%{nil}',
  debug_package: '%{nil}',
  _build_id_links: 'none',
  _buildhost: 'bootagent',
  _rpmfilename: '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm',
  use_source_date_epoch_as_buildtime: '1',
  clamp_mtime_to_source_date_epoch: '1',
}

function specOf(made: Release, payload: Payload, scripts: Readonly<Record<string, string>>): string {
  const { product, version, release, commit } = made
  const { requires, recommends } = product.rpm
  return [
    `Name: ${product.name}`,
    `Version: ${packagedVersion(version)}`,
    `Release: ${release}`,
    `Summary: ${product.summary.charAt(0).toUpperCase()}${product.summary.slice(1)}`,
    'License: Apache-2.0',
    'Group: System Environment/Daemons',
    `Packager: ${MAINTAINER}`,
    'AutoProv: no',
    `Provides: ${product.plain} = %{version}-%{release}`,
    ...[...requires].sort().map((each) => `Requires: ${each}`),
    ...[...recommends].sort().map((each) => `Recommends: ${each}`),
    '',
    '%description',
    ...product.description,
    '',
    '%install',
    'cp -a %{staged}/. %{buildroot}/',
    '',
    ...Object.entries(scripts).flatMap(([name, text]) => [`%${name}`, text.replaceAll('%', '%%')]),
    '%changelog',
    `* ${dayOf(made)} ${MAINTAINER} - ${packagedVersion(version)}-${release}`,
    `- ${product.name} ${version}, built from commit ${commit}.`,
    '',
    '%files',
    '%defattr(-,root,root,-)',
    ...payload.directories.map(({ path, mode }) => `%dir %attr(${octal(mode)},root,root) ${path}`),
    ...ownedDirectories(payload).map((path) => `%dir ${path}`),
    ...payload.files.map(({ path, mode, config }) => `${marks(path, config)}%attr(${octal(mode)},root,root) ${path}`),
    '',
  ].join('\n')
}

/** What an upgrade leaves alone when it was changed, what is documentation, and what is a licence. */
function marks(path: string, config: boolean | undefined): string {
  if (config) return '%config(noreplace) '
  if (path.endsWith('/copyright')) return '%license '
  return path.startsWith('/usr/share/doc/') || path.startsWith('/usr/share/man/') ? '%doc ' : ''
}

/** Directories that are of this package alone; those of the system have owners. */
function ownedDirectories({ files }: Payload): string[] {
  const parents = files.flatMap(({ path }) => path.split('/').map((_, index, parts) => parts.slice(0, index).join('/')))
  return [...new Set(parents)].filter((path) => /\/boot(?:agent|server)(?:\/|$)/.test(path)).sort()
}

/** `Sun Nov 29 2026`, in UTC. */
function dayOf({ epoch }: Release): string {
  const [weekday, day, month, year] = new Date(epoch * 1000).toUTCString().split(/[ ,]+/)
  return [weekday, month, day, year].join(' ')
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`
}
