import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { diskError } from '@bootagent/runtime'
import type { StepPayloads } from '../../plan/step.ts'
import { DEFAULT_UNPACK_LIMITS } from '../../worker/unpack-limits.ts'
import { StepError } from '../../errors.ts'
import { dropPackage, noteUse } from '../package-store.ts'
import type { Work } from '../tools.ts'
import { inWorkDirectory } from '../work-directory.ts'
import { download } from './download.ts'

/**
 * Has a fresh worker hash the package where it lies and judge every entry of it, before anything of it is written. A package that
 * has gone bad on the disk since it was verified is fetched anew, once.
 */
export async function verify(wanted: StepPayloads['verify'], work: Work): Promise<void> {
  try {
    await inspect(wanted, work)
  } catch (error) {
    if (!(error instanceof StepError) || error.reason !== 'checksum-mismatch') throw error
    work.log.warn({ key: work.key, digest: wanted.digest }, 'a package has gone bad on the disk and is fetched anew')
    await dropPackage(work.paths, wanted.digest)
    await download(wanted.source, work)
    await inspect(wanted, work)
  }
  await noteUse(work.paths, wanted.digest, work.clock.now() / 1000)
}

async function inspect({ digest, format }: StepPayloads['verify'], work: Work): Promise<void> {
  work.findings.package = await withPackage(work, digest, (packageFd) =>
    inWorkDirectory(work.paths, 'verify', (cwd) =>
      work.worker.run<'inspect'>(
        { kind: 'inspect', format, digest, limits: DEFAULT_UNPACK_LIMITS },
        { cwd, packageFd, signal: work.cutShort, onProgress: work.progress, program: work.worker.program },
      ),
    ),
  )
}

/** Opens a package for a worker that could not open it itself. */
export async function withPackage<Result>(work: Work, digest: string, use: (fd: number) => Promise<Result>): Promise<Result> {
  const path = `${work.paths.packages}/${digest}`
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    throw diskError(`opening ${path}`, error)
  })
  try {
    return await use(file.fd)
  } finally {
    await file.close()
  }
}
