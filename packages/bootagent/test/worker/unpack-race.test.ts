import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, closeSync, openSync, watch, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { sealTree } from '../../src/execute/seal-tree.ts'
import { inWorkDirectory } from '../../src/execute/work-directory.ts'
import type { Paths } from '../../src/state/paths.ts'
import { runInWorker } from '../../src/worker/spawn-worker.ts'
import { DEFAULT_UNPACK_LIMITS } from '../../src/worker/unpack-limits.ts'
import { scratchHome } from '../state/scratch-home.ts'
import { treeOf } from './corpus/outside.ts'
import { file, tar } from './corpus/tar-blocks.ts'
import { xz } from './corpus/xz.ts'
import { processesIn, PROGRAM, sha256 } from './workplace.ts'

const NOBODY = 65_534

/** Long enough to be met while it is unpacked, by way of xz, which is a process of its own. */
const COUNT = 1000
const PACKAGE = xz(tar(...Array.from({ length: COUNT }, (_, n) => file(`${n}`, `${n}`.repeat(20)))))

/**
 * Looks, round after round, for a way into a directory where something is unpacked: by its path, and by way of every process whose
 * working directory is below it. Where it gets in, it plants a link. It says `round` after each round, and `in` when it is in.
 */
const RACER = `
while :; do
  for place in "$0"/tmp/* /proc/[0-9]*/cwd; do
    where=$(readlink "$place" || echo "$place")
    case $where in "$0"/tmp/*) ln -s "$0/victim" "$place/planted" 2>/dev/null && echo in ;; esac
  done
  echo round
done
`

/** A process of the user that workers are, which races for as long as the test lasts. */
function race(home: string): { rounds: (count: number) => Promise<void>; wasIn: () => boolean } {
  const racer = spawn('/bin/sh', ['-c', RACER, home], { uid: NOBODY, gid: NOBODY, cwd: '/', stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(async () => {
    racer.kill('SIGKILL')
    await once(racer, 'exit')
  })
  const lines = createInterface({ input: racer.stdout })
  let wasIn = false
  lines.on('line', (line) => (wasIn ||= line === 'in'))
  return {
    async rounds(count) {
      for (let seen = 0; seen < count; ) if ((await once(lines, 'line'))[0] === 'round') seen += 1
    },
    wasIn: () => wasIn,
  }
}

/** Unpacks, and holds everything that is at work there once it has begun to write, until `meanwhile` is over. */
function unpackWhile(paths: Paths, meanwhile: () => Promise<void>): Promise<string[]> {
  return inWorkDirectory(paths, 'unpack', async (cwd) => {
    writeFileSync(`${paths.home}/package`, PACKAGE)
    const packageFd = openSync(`${paths.home}/package`, 'r')
    onTestFinished(() => closeSync(packageFd))
    const request = { kind: 'unpack', format: 'tar.xz', digest: sha256(PACKAGE), limits: DEFAULT_UNPACK_LIMITS } as const
    const begun = once(watch(cwd), 'change')
    const running = runInWorker<'unpack'>(request, { cwd, packageFd, signal: new AbortController().signal, program: PROGRAM })
    await Promise.race([begun, running])
    const workers = processesIn(cwd)
    for (const worker of workers) process.kill(worker, 'SIGSTOP')
    await meanwhile()
    for (const worker of workers) process.kill(worker, 'SIGCONT')
    expect(workers).not.toEqual([])
    await running
    await sealTree(cwd)
    return treeOf(cwd)
  })
}

async function homeWithVictim(): Promise<Paths> {
  const paths = await scratchHome()
  // As /var/lib is, where homes are.
  chmodSync(dirname(paths.home), 0o755)
  writeFileSync(join(paths.home, 'victim'), 'of root', { mode: 0o600 })
  return paths
}

const asRoot = process.getuid?.() === 0

// The home is as open as it ever is: an agent with a user of its own may pass through it (ADR 0023).
test.runIf(asRoot)('a process of the worker’s own user finds no way into where a package is unpacked', async () => {
  const paths = await homeWithVictim()
  chmodSync(paths.home, 0o711)
  const { rounds, wasIn } = race(paths.home)
  await rounds(1)
  const tree = await unpackWhile(paths, () => rounds(3))
  expect(wasIn()).toBe(false)
  expect(tree).toHaveLength(COUNT)
})

// Truth about the test above: where the way is open, the racer gets in; and then the daemon's own eyes are the second lock.
test.runIf(asRoot)('a link that such a process has planted is seen when the tree is sealed', async () => {
  const paths = await homeWithVictim()
  for (const directory of [paths.home, paths.tmp]) chmodSync(directory, 0o755)
  // Not before: a worker begins in an empty directory only.
  const planting = () => race(paths.home).rounds(1)
  await expect(unpackWhile(paths, planting)).rejects.toMatchObject({
    reason: 'archive-unsafe',
    message: expect.stringContaining('planted is a symbolic link that leads to an absolute path'),
  })
})
