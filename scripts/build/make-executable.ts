import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { inject } from 'postject'
import type { Bundle } from './bundle-program.ts'
import { type Arch, nodeBinary } from './node-binary.ts'
import type { Program } from './programs.ts'

const run = promisify(execFile)

/** What an executable is made of. */
export interface Made {
  readonly program: Program
  readonly bundle: Bundle
  readonly arch: Arch
}

/**
 * Makes one executable of a bundle, and puts it at `path` whole or not at all. The same bundle for the same processor makes the same
 * bytes: names inside are relative.
 */
export async function makeExecutable(root: string, made: Made, path: string): Promise<void> {
  const node = await nodeBinary(root, made.arch)
  const directory = await mkdtemp(join(tmpdir(), 'bootagent-build-'))
  try {
    const executable = join(directory, 'executable')
    await copyFile(node, executable)
    await inject(executable, 'NODE_SEA_BLOB', await prepareBlob(made, directory), { sentinelFuse: FUSE })
    await chmod(executable, 0o755)
    await copyFile(executable, `${path}.part`)
    await rename(`${path}.part`, path)
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** The mark in Node's binary that says whether a program is inside. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

async function prepareBlob({ program, bundle }: Made, directory: string): Promise<Buffer> {
  const texts = Object.entries({ [program.name]: bundle.main, ...bundle.apart })
  for (const [name, text] of texts) await writeFile(join(directory, `${name}.cjs`), text)
  const config = {
    main: `${program.name}.cjs`,
    output: 'blob',
    disableExperimentalSEAWarning: true,
    // V8's cache of compiled code would start a fifth faster, but never comes out the same twice (docs/adr/0047).
    useCodeCache: false,
    execArgv: program.flags,
    // Never by NODE_OPTIONS, which anybody's environment may hold; the daemon gives its worker some on the command line.
    execArgvExtension: 'cli',
    assets: Object.fromEntries(Object.keys(bundle.apart).map((name) => [name, `${name}.cjs`])),
  }
  await writeFile(join(directory, 'sea.json'), JSON.stringify(config))
  await run(process.execPath, ['--experimental-sea-config', 'sea.json'], { cwd: directory })
  return readFile(join(directory, 'blob'))
}
