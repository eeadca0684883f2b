import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hostScripts } from './host-scripts.ts'
import type { Making } from './making.ts'
import { runTool } from './run-tool.ts'
import { setTimes, stageTree } from './stage-tree.ts'

/**
 * Makes a .tar.gz at `path`: the tree as it lies on a host, as in the other packages, and beside it the scripts that install and remove it. The
 * same payload makes the same bytes.
 */
export async function makeTar({ release, payload, root, work, quick }: Making, path: string): Promise<void> {
  const tree = join(work, 'tree')
  await mkdir(tree, { mode: 0o755 })
  await stageTree(payload, tree)
  const settings = payload.files.filter(({ config }) => config).map((each) => each.path.slice(1))
  const others = payload.files.filter(({ config }) => !config).map((each) => each.path.slice(1))
  for (const [name, text] of Object.entries(hostScripts(root, release.product, 'tar.gz'))) {
    const filled = text.replace('@FILES@', () => others.join('\n')).replace('@SETTINGS@', () => settings.join('\n'))
    await writeFile(join(tree, name), filled, { mode: 0o755 })
  }
  await setTimes(tree, release.epoch)
  const tar = 'tar --create --format=ustar --sort=name --owner=0 --group=0 --numeric-owner -- *'
  await runTool('sh', ['-c', `${tar} | gzip -n ${quick ? '-1' : '-9'} > "$0"`, path], { cwd: tree })
}
