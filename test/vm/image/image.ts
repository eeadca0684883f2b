import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { DEBIAN, nameOf, type Recipe } from './recipe.ts'

/** What QEMU starts from. None of the files is ever changed: a machine writes to a layer of its own above the disk. */
export interface Image {
  readonly disk: string
  readonly kernel: string
  readonly initrd: string
}

/** Outside the repository, so that a fresh clone finds it; whatever lies there may be deleted at any time. */
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'bootagent-vm')

/** The image of a recipe; made when there is none, which takes a minute or two, root, and Debian's mirror. */
export async function findImage(recipe: Recipe = DEBIAN): Promise<Image> {
  const directory = join(CACHE, nameOf(recipe))
  await mkdir(CACHE, { recursive: true })
  if (!(await readdir(CACHE)).includes(nameOf(recipe))) await makeImage(recipe, directory)
  return { disk: join(directory, 'disk.img'), kernel: join(directory, 'vmlinuz'), initrd: join(directory, 'initrd.img') }
}

/** Under another name until it is whole: two that make it at once each make one, and the second is thrown away. */
async function makeImage(recipe: Recipe, directory: string): Promise<void> {
  const work = await mkdtemp(`${directory}.new-`)
  try {
    const root = join(work, 'root')
    await run('mmdebstrap', ['--quiet', '--variant=minbase', `--include=${recipe.packages.join(',')}`, recipe.suite, root])
    const version = await kernelVersion(root)
    await copyFile(join(root, 'boot', `vmlinuz-${version}`), join(work, 'vmlinuz'))
    await makeInitrd(recipe, { root, version, work })
    await furnish(root, recipe)
    // What is put off to the first mount would be written while a test looks.
    const options = 'lazy_itable_init=0,lazy_journal_init=0'
    await run('mke2fs', ['-q', '-t', 'ext4', '-E', options, '-d', root, join(work, 'disk.img'), recipe.size])
    await rm(root, { recursive: true })
    await rename(work, directory)
  } catch (error) {
    await rm(work, { recursive: true, force: true })
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

async function kernelVersion(root: string): Promise<string> {
  const [version] = await readdir(join(root, 'lib/modules'))
  if (version === undefined) throw new Error('no kernel has come with its package')
  return version
}

interface InitrdParts {
  readonly root: string
  readonly version: string
  readonly work: string
}

async function makeInitrd({ init, modules }: Recipe, { root, version, work }: InitrdParts): Promise<void> {
  const tree = join(work, 'initrd')
  for (const name of ['lib', 'dev', 'root']) await mkdir(join(tree, name), { recursive: true })
  await writeFile(join(tree, 'init'), init, { mode: 0o755 })
  await copyFile(join(root, 'bin/busybox'), join(tree, 'busybox'))
  // `insmod /lib/modules/…/virtio_blk.ko`, one a line, each after those that it needs.
  const shown = await Promise.all(modules.map((each) => run('chroot', [root, 'modprobe', '-S', version, '--show-depends', each])))
  const files = new Set(shown.flatMap(({ stdout }) => stdout.split('\n').flatMap((line) => line.split(' ')[1] ?? [])))
  for (const file of files) await copyFile(root + file, join(tree, 'lib', basename(file)))
  await writeFile(join(tree, 'lib/order'), [...files].map((file) => basename(file)).join('\n'))
  await run('bsdtar', ['-C', tree, '-cf', join(work, 'initrd.img'), '--format=newc', '--uid', '0', '--gid', '0', '.'])
  await rm(tree, { recursive: true })
}

async function furnish(root: string, { files, links }: Recipe): Promise<void> {
  const clear = async (path: string) => {
    await mkdir(dirname(path), { recursive: true })
    await rm(path, { force: true })
  }
  for (const [path, content] of Object.entries(files)) {
    await clear(root + path)
    await writeFile(root + path, content)
    // Whatever umask this runs under.
    await chmod(root + path, 0o644)
  }
  for (const [path, target] of Object.entries(links)) {
    await clear(root + path)
    await symlink(target, root + path)
  }
}

const run = promisify(execFile)
