import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { workerIdentity } from '../../src/worker/worker-identity.ts'
import { ar, DEB_CONTROL, DEB_VERSION, deb } from './corpus/ar-members.ts'
import { directory, file, part, pax, symlink, targz } from './corpus/tar-blocks.ts'
import { makeWorkplace, readPackageOf, type Workplace } from './workplace.ts'

const MANIFEST = { name: 'Sample', version: '1.2.3', run: { exec: 'bin/sample' } }

/** A tree with what real packages hold: programs, long names, links of both kinds, an empty directory, a file of some size. */
function plant(root: string): void {
  for (const directory of ['bin', 'lib/empty', `lib/${'ü'.repeat(60)}`]) mkdirSync(join(root, directory), { recursive: true })
  writeFileSync(join(root, 'agent.json'), JSON.stringify(MANIFEST))
  writeFileSync(join(root, 'bin/sample'), '#!/bin/sh\n', { mode: 0o755 })
  writeFileSync(join(root, `lib/${'ü'.repeat(60)}/${'é'.repeat(70)}`), 'long')
  writeFileSync(join(root, 'lib/data'), Buffer.alloc(300_000, 'data'))
  linkSync(join(root, 'bin/sample'), join(root, 'bin/twin'))
  symlinkSync('../bin/sample', join(root, 'lib/run'))
}

/** Every path of a tree with its mode and what it holds. */
function describeTree(root: string, path = '.'): Record<string, string> {
  const found = lstatSync(join(root, path))
  const mode = (found.mode & 0o7777).toString(8)
  if (found.isSymbolicLink()) return { [path]: `-> ${readlinkSync(join(root, path))}` }
  if (found.isFile()) return { [path]: `${mode} ${readFileSync(join(root, path), 'latin1')}` }
  const inner = readdirSync(join(root, path)).map((name) => describeTree(root, join(path, name)))
  return Object.assign({ [path]: path === '.' ? 'root' : mode }, ...inner)
}

function plantIn(place: Workplace): string {
  const root = join(place.home, 'tree')
  plant(root)
  return root
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: 'pipe', env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' } })
}

test.each(['gnu', 'oldgnu', 'pax'])('a tree packed by GNU tar in format %s comes out as it went in', async (format) => {
  const place = makeWorkplace()
  const root = plantIn(place)
  run('tar', `--format=${format}`, '-C', root, '-czf', join(place.home, 'tree.tar.gz'), '.')
  const bytes = readFileSync(join(place.home, 'tree.tar.gz'))
  const found = await readPackageOf('inspect', bytes, { place })
  expect(found).toMatchObject({ manifest: MANIFEST, scripts: [] })
  expect(found.programs.toSorted()).toEqual(['bin/sample', 'bin/twin'])
  const { entries } = await readPackageOf('unpack', bytes, { place })
  expect(entries).toBe(found.entries)
  expect(describeTree(place.cwd)).toEqual(describeTree(root))
})

// ustar and v7 cannot hold the long names, but are what older tools write.
test.each(['ustar', 'v7'])('a tree packed by GNU tar in format %s comes out as it went in', async (format) => {
  const place = makeWorkplace()
  const root = join(place.home, 'tree')
  mkdirSync(join(root, 'd'.repeat(80)), { recursive: true })
  writeFileSync(join(root, 'd'.repeat(80), 'f'), 'x')
  run('tar', `--format=${format}`, '-C', root, '-czf', join(place.home, 'tree.tar.gz'), '.')
  await readPackageOf('unpack', readFileSync(join(place.home, 'tree.tar.gz')), { place })
  expect(describeTree(place.cwd)).toEqual(describeTree(root))
})

test.each([
  ['tar', '--format=gnu'],
  ['tar.xz', '--xz'],
  ['tar.zst', '--zstd'],
] as const)('a tree packed as %s comes out as it went in', async (format, packing) => {
  const place = makeWorkplace()
  const root = plantIn(place)
  run('tar', '-C', root, '-c', packing, '-f', join(place.home, 'packed'), '.')
  const bytes = readFileSync(join(place.home, 'packed'))
  expect(await readPackageOf('inspect', bytes, { place, format })).toMatchObject({ manifest: MANIFEST, scripts: [] })
  await readPackageOf('unpack', bytes, { place, format })
  expect(describeTree(place.cwd)).toEqual(describeTree(root))
})

test.each([
  ['zip', ['zip', '-qryX', '../packed.zip', '.']],
  ['zip, as a stream', ['sh', '-c', 'zip -qry - . | cat >../packed.zip']],
  ['zip, nothing deflated', ['zip', '-qry0', '../packed.zip', '.']],
  ['bsdtar', ['bsdtar', '--format', 'zip', '-cf', '../packed.zip', '.']],
  ['python', ['python3', '-m', 'zipfile', '-c', '../packed.zip', 'agent.json', 'bin', 'lib']],
])('a tree packed as zip by %s comes out as it went in', async (packer, [command = '', ...args]) => {
  const place = makeWorkplace()
  const root = plantIn(place)
  // Python's tool follows links, and zip cannot put one into a stream but at its end, which the disk's order of names decides.
  if (['python', 'zip, as a stream'].includes(packer)) unlinkSync(join(root, 'lib/run'))
  execFileSync(command, args, { cwd: root, stdio: 'pipe', env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' } })
  const bytes = readFileSync(join(place.home, 'packed.zip'))
  expect(await readPackageOf('inspect', bytes, { place, format: 'zip' })).toMatchObject({ manifest: MANIFEST, scripts: [] })
  await readPackageOf('unpack', bytes, { place, format: 'zip' })
  expect(describeTree(place.cwd)).toEqual(describeTree(root))
})

test.each(['gzip', 'xz', 'zstd', 'none'])(
  'a deb packed by dpkg-deb with %s comes out as its tree, its scripts named',
  async (compression) => {
    const place = makeWorkplace()
    const root = plantIn(place)
    const before = describeTree(root)
    mkdirSync(join(root, 'DEBIAN'))
    writeFileSync(
      join(root, 'DEBIAN/control'),
      'Package: sample\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b>\nDescription: d\n',
    )
    writeFileSync(join(root, 'DEBIAN/postinst'), '#!/bin/sh\ntouch /tmp/never\n', { mode: 0o755 })
    // The directory that holds it all becomes the root entry, and dpkg-deb wants it open.
    chmodSync(root, 0o755)
    run('dpkg-deb', '--root-owner-group', `-Z${compression}`, '-b', root, join(place.home, 'sample.deb'))
    const bytes = readFileSync(join(place.home, 'sample.deb'))
    const found = await readPackageOf('inspect', bytes, { place, format: 'deb' })
    expect(found).toMatchObject({ scripts: ['postinst'], manifest: MANIFEST })
    await readPackageOf('unpack', bytes, { place, format: 'deb' })
    expect(describeTree(place.cwd)).toEqual(before)
  },
)

/** A spec file for what `plant` has made; the two names of one file, a ghost and a script are what only rpm has. */
const SPEC = `
Name: sample
Version: 1.2
Release: 3
Summary: s
License: l
%description
%install
cp -a %{tree}/. %{buildroot}/
touch %{buildroot}/ghost
%post -p /bin/true
%preun
touch /tmp/never
%files
/agent.json
/bin
/lib
%ghost /ghost
`

test.each([
  ['gzip', 'w9.gzdio'],
  ['xz', 'w7.xzdio'],
  ['zstd', 'w19.zstdio'],
])('an rpm packed by rpmbuild with %s comes out as its tree, its scripts named', async (_, payload) => {
  const place = makeWorkplace()
  const root = plantIn(place)
  writeFileSync(join(place.home, 'sample.spec'), SPEC)
  const macros = {
    _topdir: join(place.home, 'top'),
    _rpmdir: place.home,
    _rpmfilename: 'sample.rpm',
    _binary_payload: payload,
    // Nothing of what rpmbuild would make of the tree by itself: stripped programs, packed manual pages.
    __os_install_post: '%{nil}',
    debug_package: '%{nil}',
    tree: root,
  }
  const defines = Object.entries(macros).flatMap(([name, value]) => ['--define', `${name} ${value}`])
  run('rpmbuild', '--quiet', '-bb', ...defines, join(place.home, 'sample.spec'))
  const bytes = readFileSync(join(place.home, 'sample.rpm'))
  const found = await readPackageOf('inspect', bytes, { place, format: 'rpm' })
  const arch = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string]
  expect(found).toMatchObject({ scripts: ['%post', '%preun'], manifest: MANIFEST, arch, os: 'linux' })
  await readPackageOf('unpack', bytes, { place, format: 'rpm' })
  expect(describeTree(place.cwd)).toEqual(describeTree(root))
})

// B16, B17, B36: what an archive says of owners and special bits is not applied, and what the daemon was started with neither.
test.each([0, 0o077])('no setuid, no foreign owner and no odd mode survives a umask of %i', unpackUnder)

// Under it nobody but root could read the package that the test writes.
test.runIf(process.getuid?.() === 0)('no setuid, no foreign owner and no odd mode survives a umask of 0777', () =>
  unpackUnder(0o777),
)

async function unpackUnder(umask: number): Promise<void> {
  const place = makeWorkplace()
  const modes = { su: 0o4755, sg: 0o2711, none: 0, open: 0o666, all: 0o1777 }
  const files = Object.entries(modes).map(([name, mode]) => part({ name, mode, body: 'x' }))
  const before = process.umask(umask)
  try {
    await readPackageOf('unpack', targz(...files, part({ name: 'd', type: '5', mode: 0o1777 })), { place })
  } finally {
    process.umask(before)
  }
  const found = Object.fromEntries(
    readdirSync(place.cwd).map((name) => [name, (lstatSync(join(place.cwd, name)).mode & 0o7777).toString(8)]),
  )
  expect(found).toEqual({ su: '755', sg: '755', none: '644', open: '644', all: '755', d: '755' })
  const owner = workerIdentity()?.uid ?? process.getuid?.()
  expect(lstatSync(join(place.cwd, 'su'))).toMatchObject({ uid: owner, nlink: 1 })
}

// The payload of a deb is written for the root of the host.
test('an absolute link of a deb leads to the same place inside the release', async () => {
  const place = makeWorkplace()
  const payload = deb(directory('./'), file('/opt/x/run', 'here'), symlink('./usr/bin/run', '/opt/x/run'), symlink('./all', '/'))
  await readPackageOf('unpack', payload, { place, format: 'deb' })
  expect(readFileSync(join(place.cwd, 'usr/bin/run'), 'utf8')).toBe('here')
  expect(readlinkSync(join(place.cwd, 'usr/bin/run'))).toBe('../../opt/x/run')
  expect(readlinkSync(join(place.cwd, 'all'))).toBe('.')
})

test('a hard link becomes a file of its own, and a link into nowhere inside the release is kept', async () => {
  const place = makeWorkplace()
  await readPackageOf(
    'unpack',
    targz(file('a/x', 'same'), part({ name: 'y', type: '1', link: './a/x' }), symlink('l', 'a/gone')),
    { place },
  )
  expect(readFileSync(join(place.cwd, 'y'), 'utf8')).toBe('same')
  expect(lstatSync(join(place.cwd, 'y')).nlink).toBe(1)
  expect(readlinkSync(join(place.cwd, 'l'))).toBe('a/gone')
})

// Zeros pack well, and a small archive of them harms nobody.
test('a file far above the ratio passes as long as it is small', async () => {
  await expect(readPackageOf('inspect', targz(file('x', '0'.repeat(9_000_000))))).resolves.toMatchObject({ bytes: 9_000_000 })
})

// Decoded piece by piece, a character on the edge of a piece would be lost; the paddings move the edge over all of it.
test('a long name survives wherever the stream happens to be cut', async () => {
  const name = 'ü'.repeat(120)
  const paddings = [...Array(4).keys()].map((n) => pax({ comment: 'c'.repeat(65_000 + n * 171) }, 'g'))
  const place = makeWorkplace()
  await readPackageOf('unpack', targz(...paddings, pax({ path: name }), file('x')), { place })
  expect(readdirSync(place.cwd)).toEqual([name])
})

// A message is at most 64 KB, and every quote in a name takes two bytes of it.
test('a manifest and the names of programs never make more than one message', async () => {
  const manifest = JSON.stringify({ run: { exec: 'x', args: ['"'.repeat(4000), '"'.repeat(3000)] } })
  const programs = [...Array(200).keys()].flatMap((n) => [pax({ path: `${n}/${'"'.repeat(250)}` }), part({ mode: 0o755 })])
  const found = await readPackageOf('inspect', targz(file('agent.json', manifest), ...programs))
  expect(found.programs.length).toBeGreaterThan(20)
  expect(found.manifest?.run?.args?.join('')).toBe('"'.repeat(7000))
})

test('all scripts of a deb are named, and nothing else of its control archive', async () => {
  const control = targz(...['control', 'md5sums', 'preinst', 'prerm', 'config'].map((name) => file(`./${name}`)))
  const bytes = ar(DEB_VERSION, [DEB_CONTROL[0], control], ['data.tar.gz', targz()])
  await expect(readPackageOf('inspect', bytes, { format: 'deb' })).resolves.toEqual({
    entries: 0,
    bytes: 0,
    programs: [],
    scripts: ['preinst', 'prerm', 'config'],
  })
})
