import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { diskError } from '@bootagent/runtime'
import type { StepPayloads } from '../../plan/step.ts'
import { DEFAULT_UNPACK_LIMITS, mostOutOf } from '../../worker/unpack-limits.ts'
import { StepError } from '../../errors.ts'
import { dropPackage, noteUse } from '../package-store.ts'
import { hasRoom } from '../room.ts'
import type { Work } from '../tools.ts'
import { unpackInto } from '../unpack-into.ts'
import { dropWorkDirectory, inWorkDirectory, makeWorkDirectory } from '../work-directory.ts'
import { download } from './download.ts'

/**
 * Has a fresh worker hash the package where it lies and judge every entry of it; on the way it is unpacked, into a directory that
 * counts for nothing until the whole package was found good, when the disk has room for whatever may come out of it. A package
 * that has gone bad on the disk since it was verified is fetched anew, once.
 */
export async function verify(wanted: StepPayloads['verify'], work: Work): Promise<void> {
  try {
    await read(wanted, work)
  } catch (error) {
    if (!(error instanceof StepError) || error.reason !== 'checksum-mismatch') throw error
    work.log.warn({ key: work.key, digest: wanted.digest }, 'a package has gone bad on the disk and is fetched anew')
    await dropPackage(work.paths, wanted.digest)
    await download(wanted.source, work)
    await read(wanted, work)
  }
  await noteUse(work.paths, wanted.digest, work.clock.now() / 1000)
}

async function read(wanted: StepPayloads['verify'], work: Work): Promise<void> {
  await withPackage(work, wanted.digest, async (file) => {
    const { size } = await file.stat()
    const roomy = await hasRoom(work.paths, mostOutOf(size, DEFAULT_UNPACK_LIMITS))
    await (roomy ? readAtOnce : inspect)({ ...wanted, packageFd: file.fd }, work)
  })
}

interface Reading extends Pick<StepPayloads['verify'], 'digest' | 'format'> {
  readonly packageFd: number
}

async function readAtOnce({ digest, format, packageFd }: Reading, work: Work): Promise<void> {
  const cwd = await makeWorkDirectory(work.paths, 'unpack')
  try {
    const { found, written } = await unpackInto({ digest, format, packageFd, cwd }, work)
    work.findings.package = found
    work.findings.unpacked = { directory: cwd, written }
  } catch (error) {
    await dropWorkDirectory(cwd)
    throw error
  }
}

async function inspect({ digest, format, packageFd }: Reading, work: Work): Promise<void> {
  work.findings.package = await inWorkDirectory(work.paths, 'verify', (cwd) =>
    work.worker.run<'inspect'>(
      { kind: 'inspect', format, digest, limits: DEFAULT_UNPACK_LIMITS },
      { cwd, packageFd, signal: work.cutShort, onProgress: work.progress, program: work.worker.program },
    ),
  )
}

/** Opens a package for a worker that could not open it itself. */
export async function withPackage<Result>(
  work: Work,
  digest: string,
  use: (file: FileHandle) => Promise<Result>,
): Promise<Result> {
  const path = `${work.paths.packages}/${digest}`
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    throw diskError(`opening ${path}`, error)
  })
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}
