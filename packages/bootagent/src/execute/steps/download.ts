import { constants } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import process from 'node:process'
import { crashPoint, diskError, syncDirectory } from '@bootagent/runtime'
import type { StepPayloads } from '../../plan/step.ts'
import { checkRoom } from '../room.ts'
import { StepError } from '../../errors.ts'
import type { Work } from '../tools.ts'
import { inWorkDirectory } from '../work-directory.ts'

/** Fetches a package by a worker and takes it into `packages/` under its digest. */
export async function download({ url, digest, size }: StepPayloads['download'], work: Work): Promise<void> {
  const { worker, paths } = work
  await checkRoom(paths.home, size ?? 0)
  const fetch = () =>
    inWorkDirectory(paths, 'download', async (directory) => {
      await worker.run<'download'>(
        {
          kind: 'download',
          url,
          digest,
          ...(size === undefined ? {} : { size }),
          maxBytes: worker.maxPackageBytes,
          ...(worker.caFile === undefined ? {} : { caFile: worker.caFile }),
          connectTimeout: worker.timeouts.connect,
          idleTimeout: worker.timeouts.idle,
          totalTimeout: worker.timeouts.total,
        },
        { cwd: directory, signal: work.cutShort, onProgress: work.progress, program: worker.program },
      )
      crashPoint('download:fetched')
      await takeOver(`${directory}/package`, `${paths.packages}/${digest}`)
    })
  await worker.downloads.run(fetch, work.cutShort)
}

/** From the worker's hands into ours: a plain file with one name, nobody else's to write, and then under its final name. */
async function takeOver(from: string, to: string): Promise<void> {
  try {
    // Not followed, should the worker have left a link; not waited for, should it have left a pipe.
    const file = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const found = await file.stat()
      if (!found.isFile() || found.nlink !== 1)
        throw new StepError('internal', `the worker left something else than one plain file at ${from}`)
      if (process.geteuid?.() === 0) await file.chown(0, 0)
      await file.chmod(0o400)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(from, to)
    await syncDirectory(dirname(to))
  } catch (error) {
    if (error instanceof StepError) throw error
    throw diskError(`taking ${to}`, error)
  }
}
