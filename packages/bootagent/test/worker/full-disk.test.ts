import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runInWorker } from '../../src/worker/spawn-worker.ts'
import { workerIdentity } from '../../src/worker/worker-identity.ts'
import { file, targz } from './corpus/tar-blocks.ts'
import { serve } from './servers.ts'
import { makeWorkplace, readPackageOf, sha256, type Workplace } from './workplace.ts'

/** A mount of 256 KB in place of the working directory. */
function mountSmall(directory: string): void {
  const { uid, gid } = workerIdentity() ?? { uid: 0, gid: 0 }
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=256k,mode=700,uid=${uid},gid=${gid}`, 'tmpfs', directory], {
    stdio: 'ignore',
  })
}

function makeSmallPlace(): Workplace {
  const place = makeWorkplace()
  mountSmall(place.cwd)
  onTestFinished(() => void execFileSync('umount', [place.cwd]))
  return place
}

/** Mounting takes root, and a container may forbid it even then. */
function canMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'bootagent-mount-'))
  try {
    mountSmall(directory)
    execFileSync('umount', [directory])
    return true
  } catch (error) {
    if ((error as { status?: number }).status === undefined) throw error
    return false
  } finally {
    rmdirSync(directory)
  }
}

const big = Buffer.alloc(1_000_000, 'x')

// B31: the job's answer must tell a full disk from a bad package, since only the former may pass by itself.
test.runIf(canMount())('a disk that fills up while unpacking is a failure of its own reason', async () => {
  const unpacking = readPackageOf('unpack', targz(file('x', big.toString('latin1'))), { place: makeSmallPlace() })
  await expect(unpacking).rejects.toMatchObject({ reason: 'disk-full' })
})

test.runIf(canMount())('a disk that fills up while downloading is a failure of its own reason', async () => {
  const url = await serve((_, response) => response.end(big))
  const times = { connectTimeout: 5000, idleTimeout: 20_000, totalTimeout: 30_000 }
  const request = { kind: 'download', url, digest: sha256(big), maxBytes: big.length, ...times } as const
  await expect(runInWorker(request, makeSmallPlace().settings())).rejects.toMatchObject({ reason: 'disk-full' })
})
