import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync, statfsSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { workerIdentity } from '../../src/worker/worker-identity.ts'
import { file, targz } from './corpus/tar-blocks.ts'
import { fetchWith } from './fetching.ts'
import { serve } from './servers.ts'
import { makeWorkplace, readPackageOf, sha256, type Workplace } from './workplace.ts'

/** A small mount in place of the working directory. */
function mountSmall(directory: string, size = '256k'): void {
  const { uid, gid } = workerIdentity() ?? { uid: 0, gid: 0 }
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700,uid=${uid},gid=${gid}`, 'tmpfs', directory], {
    stdio: 'ignore',
  })
}

function makeSmallPlace(size?: string): Workplace {
  const place = makeWorkplace()
  mountSmall(place.cwd, size)
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

function openIn(place: Workplace): number {
  const fd = openSync(join(place.cwd, 'part'), 'w+')
  onTestFinished(() => closeSync(fd))
  return fd
}

function pour(response: ServerResponse): void {
  if (!response.destroyed) response.write(big, () => pour(response))
}

const big = Buffer.alloc(1_000_000, 'x')

// B31: the job's answer must tell a full disk from a bad package, since only the former may pass by itself.
test.runIf(canMount())('a disk that fills up while unpacking is a failure of its own reason', async () => {
  const unpacking = readPackageOf('unpack', targz(file('x', big.toString('latin1'))), { place: makeSmallPlace() })
  await expect(unpacking).rejects.toMatchObject({ reason: 'disk-full' })
})

test.runIf(canMount())('a disk that fills up while downloading is a failure of its own reason', async () => {
  const url = await serve((_, response) => response.end(big))
  const place = makeSmallPlace()
  const fetching = fetchWith(url, { place, digest: sha256(big), settings: { packageFd: openIn(place) } })
  await expect(fetching).rejects.toMatchObject({ reason: 'disk-full' })
})

// What others write meanwhile is not ours to take the last room from: the metafile must still be written.
test.runIf(canMount())('a package of unknown length leaves the reserve alone', async () => {
  const endless = await serve((_, response) => pour(response))
  const place = makeSmallPlace('40m')
  const fetching = fetchWith(endless, {
    place,
    maxBytes: 10 ** 9,
    reserve: 30 * 1024 ** 2,
    settings: { packageFd: openIn(place) },
  })
  await expect(fetching).rejects.toMatchObject({ reason: 'disk-full', message: expect.stringContaining('30 MB are kept') })
  expect(statfsSync(place.cwd).bavail * statfsSync(place.cwd).bsize).toBeGreaterThan(25 * 1024 ** 2)
})
