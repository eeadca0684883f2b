import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Unpacks a .deb into a fresh directory below one, by dpkg-deb. */
export function unpackDeb(deb: string, below: string): string {
  const tree = mkdtempSync(join(below, 'tree-'))
  execFileSync('dpkg-deb', ['-x', deb, tree])
  return tree
}

/** Ways to pack a tree, each by the program its packagers use; `file` is the file to make, and what is needed for it is left beside it. */
export const PACKERS: Readonly<Record<string, (tree: string, file: string) => void>> = {
  '.tar': (tree, file) => run('tar', '-C', tree, '-cf', file, '.'),
  '.tar.gz': (tree, file) => run('tar', '-C', tree, '-czf', file, '.'),
  '.tgz': (tree, file) => run('tar', '-C', tree, '-czf', file, '.'),
  '.tar.xz': (tree, file) => run('tar', '-C', tree, '-cJf', file, '.'),
  '.tar.zst': (tree, file) => run('tar', '-C', tree, '--zstd', '-cf', file, '.'),
  '.zip': (tree, file) => execFileSync('zip', ['-qry', file, '.'], { cwd: tree, stdio: 'pipe' }),
  '.gzip.deb': (tree, file) => packDeb(tree, file, 'gzip'),
  '.zstd.deb': (tree, file) => packDeb(tree, file, 'zstd'),
  '.none.deb': (tree, file) => packDeb(tree, file, 'none'),
  '.gzip.rpm': (tree, file) => packRpm(tree, file, 'w9.gzdio'),
  '.xz.rpm': (tree, file) => packRpm(tree, file, 'w7.xzdio'),
  '.zstd.rpm': (tree, file) => packRpm(tree, file, 'w19.zstdio'),
}

function packDeb(tree: string, file: string, compression: string): void {
  const root = join(mkdtempSync(join(dirname(file), 'pack-')), 'root')
  cpSync(tree, root, { recursive: true, verbatimSymlinks: true })
  mkdirSync(join(root, 'DEBIAN'))
  const control = { Package: 'packed', Version: '1', Architecture: architecture(), Maintainer: 'a <a@b>', Description: 'd' }
  writeFileSync(
    join(root, 'DEBIAN/control'),
    Object.entries(control)
      .map((field) => `${field.join(': ')}\n`)
      .join(''),
  )
  run('dpkg-deb', '--root-owner-group', `-Z${compression}`, '-b', root, file)
}

function architecture(): string {
  return execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim()
}

/** rpmbuild adds nothing of its own to the tree: no stripping, no packing of manual pages. */
function packRpm(tree: string, file: string, payload: string): void {
  const top = mkdtempSync(join(dirname(file), 'pack-'))
  const spec = ['Name: packed', 'Version: 1', 'Release: 1', 'Summary: s', 'License: l', '%description', '%install']
  const macros = {
    _topdir: top,
    _rpmdir: top,
    _rpmfilename: 'packed.rpm',
    _binary_payload: payload,
    __os_install_post: '%{nil}',
    debug_package: '%{nil}',
  }
  writeFileSync(join(top, 'packed.spec'), [...spec, `cp -a ${tree}/. %{buildroot}/`, '%files', '/*', ''].join('\n'))
  const defines = Object.entries(macros).flatMap(([name, value]) => ['--define', `${name} ${value}`])
  run('rpmbuild', '--quiet', '-bb', ...defines, join(top, 'packed.spec'))
  run('mv', join(top, 'packed.rpm'), file)
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: 'pipe' })
}
