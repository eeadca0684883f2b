import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { diskError } from '@bootagent/runtime'
import type { StepPayloads } from '../../plan/step.ts'
import { DEFAULT_UNPACK_LIMITS } from '../../worker/unpack-limits.ts'
import type { Work } from '../tools.ts'
import { inWorkDirectory } from '../work-directory.ts'

/** Has a fresh worker hash the package where it lies and judge every entry of it, before anything of it is written. */
export async function verify({ digest, format }: StepPayloads['verify'], work: Work): Promise<void> {
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
