import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hostScripts } from './host-scripts.ts'
import { MAINTAINER } from './maintainer.ts'
import type { Making } from './making.ts'
import { ARCH_NAMES, packagedVersion, type Release } from './release.ts'
import { runTool } from './run-tool.ts'
import { setTimes, sizeOfTree, stageTree } from './stage-tree.ts'

/** Makes a .deb at `path` by dpkg-deb, in an empty directory to work in. The same payload makes the same bytes. */
export async function makeDeb(making: Making, path: string): Promise<void> {
  const { release, payload, root, work, quick } = making
  const tree = join(work, 'tree')
  await mkdir(join(tree, 'DEBIAN'), { recursive: true, mode: 0o755 })
  await chmod(tree, 0o755)
  await stageTree(payload, tree)
  const kibibytes = Math.ceil((await sizeOfTree(tree)) / 1024)
  const control = (name: string, text: string, mode = 0o644) => writeFile(join(tree, 'DEBIAN', name), text, { mode })
  await control('control', controlOf(release, kibibytes))
  await control('conffiles', payload.files.flatMap(({ path, config }) => (config ? [`${path}\n`] : [])).join(''))
  for (const [name, text] of Object.entries(hostScripts(root, release.product, 'deb'))) await control(name, text, 0o755)
  await runTool('sh', ['-c', MD5SUMS], { cwd: tree })
  await setTimes(tree, release.epoch)
  // One thread: several divide the stream by how many there are.
  const packing = quick ? ['-Zgzip', '-z1'] : ['-Zxz', '-z6', '--threads-max=1']
  await runTool('dpkg-deb', ['--root-owner-group', ...packing, '--build', tree, path], {
    env: { SOURCE_DATE_EPOCH: String(release.epoch) },
  })
}

/** As dpkg --verify reads them. */
const MD5SUMS = 'find . -path ./DEBIAN -prune -o -type f -printf "%P\\n" | LC_ALL=C sort | xargs -d "\\n" md5sum > DEBIAN/md5sums'

function controlOf({ product, version, release, arch }: Release, kibibytes: number): string {
  const { depends, recommends, suggests } = product.deb
  const list = (field: string, packages: readonly string[]) =>
    packages.length === 0 ? [] : [`${field}: ${[...packages].sort().join(', ')}`]
  return `${[
    `Package: ${product.plain}`,
    `Version: ${packagedVersion(version)}-${release}`,
    `Architecture: ${ARCH_NAMES[arch].deb}`,
    `Maintainer: ${MAINTAINER}`,
    `Installed-Size: ${kibibytes}`,
    ...list('Depends', depends),
    ...list('Recommends', recommends),
    ...list('Suggests', suggests),
    'Section: admin',
    'Priority: optional',
    `Description: ${product.summary}`,
    ...product.description.map((line) => ` ${line}`),
  ].join('\n')}\n`
}
