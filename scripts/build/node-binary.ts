import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'

/** Processors that executables are built for, by Node's names of them. */
export const ARCHS = ['x64', 'arm64'] as const
export type Arch = (typeof ARCHS)[number]

const run = promisify(execFile)

/**
 * The path of a Node for a processor, without its symbols: a quarter less to carry, and they cannot be taken off later, once a program
 * is inside. Made once and kept in `.cache/build`. Throws with what to install.
 */
export async function nodeBinary(root: string, arch: Arch): Promise<string> {
  const wanted = `node-linux-${arch}`
  const original = arch === process.arch ? join(root, 'node_modules', wanted, 'bin/node') : await fetchNode(root, wanted)
  const { size, mtimeMs } = await stat(original)
  const key = createHash('sha256').update(`${original} ${size} ${mtimeMs}`).digest('hex').slice(0, 16)
  const kept = join(root, '.cache/build', `node-${arch}-${key}`)
  if (await stat(kept).catch(() => undefined)) return kept
  await mkdir(join(root, '.cache/build'), { recursive: true })
  const making = `${kept}.${process.pid}`
  await copyFile(original, making)
  await strip(making, arch)
  await rename(making, kept)
  return kept
}

/** By Debian's names: of this processor it comes with `binutils`, of another with that one's own. */
const STRIPS: Readonly<Record<Arch, string>> = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }

async function strip(path: string, arch: Arch): Promise<void> {
  const [program, wanted] =
    arch === process.arch ? ['strip', 'binutils'] : [`${STRIPS[arch]}-strip`, `binutils-${STRIPS[arch]}`.replace('_', '-')]
  try {
    await run(program, [path])
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new Error(`${program} is needed to build for ${arch}: apt-get install --no-install-recommends ${wanted}`, {
      cause: error,
    })
  }
}

/** The Node of another processor comes from the registry too; what has come must be what the lock file says. */
async function fetchNode(root: string, wanted: string): Promise<string> {
  const { version, integrity } = await locked(root, wanted)
  const kept = join(root, '.cache/build', `${wanted}-${version}`)
  if (await stat(kept).catch(() => undefined)) return kept
  await mkdir(join(root, '.cache/build'), { recursive: true })
  const directory = await mkdtemp(join(root, '.cache/build/.fetch-'))
  try {
    process.stderr.write(`Fetching ${wanted} ${version} … `)
    await run('npm', ['pack', `${wanted}@${version}`, '--silent', '--pack-destination', directory])
    const archive = join(directory, `${wanted}-${version}.tgz`)
    const came = `sha512-${createHash('sha512')
      .update(await readFile(archive))
      .digest('base64')}`
    if (came !== integrity) throw new Error(`${wanted} ${version} is not what pnpm-lock.yaml says: ${came}, not ${integrity}`)
    await run('tar', ['-xzf', archive, '-C', directory, 'package/bin/node'])
    await rename(join(directory, 'package/bin/node'), kept)
    process.stderr.write('done\n')
    return kept
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function locked(root: string, wanted: string): Promise<{ readonly version: string; readonly integrity: string }> {
  const lock = await readFile(join(root, 'pnpm-lock.yaml'), 'utf8')
  const found = new RegExp(`^  ${wanted}@([\\d.]+):\\n    resolution: \\{integrity: ([^}]+)\\}`, 'm').exec(lock)
  if (found?.[1] === undefined || found[2] === undefined) throw new Error(`pnpm-lock.yaml has no ${wanted}`)
  return { version: found[1], integrity: found[2] }
}
