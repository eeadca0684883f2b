import { chownSync, closeSync, mkdtempSync, openSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sweepTemporary } from '../../src/execute/sweep.ts'
import { runInWorker } from '../../src/worker/spawn-worker.ts'
import { DEFAULT_UNPACK_LIMITS } from '../../src/worker/unpack-limits.ts'
import { workerIdentity } from '../../src/worker/worker-identity.ts'
import type { Paths } from '../../src/state/paths.ts'
import { scratchHome } from '../state/scratch-home.ts'
import { treeOf } from './corpus/outside.ts'
import { directory, file, hardlink, symlink, targz } from './corpus/tar-blocks.ts'
import { PROGRAM, sha256 } from './workplace.ts'

/** Large enough to be written in several pieces. */
const LARGE = Buffer.alloc(1_500_000, 'large').toString()
const PACKAGE = targz(directory('d/'), file('d/large', LARGE), file('small'), hardlink('copy', 'small'), symlink('l', 'd/large'))
const NAMES = ['d', 'd/large', 'small', 'copy', 'l']
const TREE = ['644 copy', '755 d/', '644 d/large', 'l -> d/large', '644 small']

/** Calls by which unpacking changes the disk, and how often each is made at least. */
const CALLS = { mkdir: 1, openat: 3, write: 5, symlink: 1 } as const
type Call = keyof typeof CALLS

/** Unpacks in a home whose daemon does nothing further, with one fault at the n-th call that touches what is unpacked. */
async function unpackWithFault(paths: Paths, fault: string): Promise<{ cwd: string; end: unknown }> {
  const cwd = mkdtempSync(`${paths.tmp}/unpack-`)
  const worker = workerIdentity()
  if (worker !== undefined) chownSync(cwd, worker.uid, worker.gid)
  const packagePath = join(paths.home, 'package')
  writeFileSync(packagePath, PACKAGE)
  const packageFd = openSync(packagePath, 'r')
  const request = { kind: 'unpack', format: 'tar.gz', digest: sha256(PACKAGE), limits: DEFAULT_UNPACK_LIMITS } as const
  try {
    const program = underStrace(cwd, fault)
    const end = await runInWorker<'unpack'>(request, { cwd, packageFd, signal: new AbortController().signal, program }).catch(
      (error: unknown) => error,
    )
    return { cwd, end }
  } finally {
    closeSync(packageFd)
  }
}

/** Paths as the worker writes them, relative, and as the kernel knows what is open; on one thread, since calls are counted by thread. */
function underStrace(cwd: string, fault: string) {
  const paths = NAMES.flatMap((name) => ['-P', name, '-P', join(cwd, name)])
  const strace = ['strace', '-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', ...paths, '-P', cwd, '-e', `inject=${fault}`]
  return { command: 'env', args: ['UV_THREADPOOL_SIZE=1', ...strace, PROGRAM.command, ...PROGRAM.args] }
}

/** Tries a fault at the first call, the second, and so on, until one does not happen any more because the work was done before. */
async function atEachCall(call: Call, fault: string, look: (end: unknown, paths: Paths) => Promise<void>): Promise<number> {
  const paths = await scratchHome()
  for (let nth = 1; ; nth += 1) {
    const { cwd, end } = await unpackWithFault(paths, `${call}:${fault}:when=${nth}`)
    if (!(end instanceof Error)) {
      expect(treeOf(cwd)).toEqual(TREE)
      return nth - 1
    }
    await look(end, paths)
  }
}

test.each(Object.entries(CALLS) as [Call, number][])(
  'a worker that is killed at any %s leaves nothing that is there after the next start',
  { timeout: 600_000 },
  async (call, least) => {
    const count = await atEachCall(call, 'signal=KILL', async (end, paths) => {
      expect(end).toMatchObject({ reason: 'internal', message: expect.stringContaining('was ended by SIGKILL') })
      expect(readdirSync(paths.tmp)).toHaveLength(1)
      await sweepTemporary(paths)
      expect(readdirSync(paths.tmp)).toEqual([])
    })
    expect(count).toBeGreaterThanOrEqual(least)
  },
)

// A full disk may pass by itself, and the job's answer must tell it from a bad package; of a disk that fails nobody knows.
test.each([
  ['write', 'ENOSPC', 'disk-full'],
  ['openat', 'ENOSPC', 'disk-full'],
  ['mkdir', 'ENOSPC', 'disk-full'],
  ['symlink', 'ENOSPC', 'disk-full'],
  ['write', 'EIO', 'disk-error'],
] as const)('at any %s that ends in %s the failure is of the reason %s', { timeout: 600_000 }, async (call, error, reason) => {
  const count = await atEachCall(call, `error=${error}`, async (end, paths) => {
    expect(end).toMatchObject({ reason })
    await sweepTemporary(paths)
    expect(readdirSync(paths.tmp)).toEqual([])
  })
  expect(count).toBeGreaterThanOrEqual(CALLS[call])
})
