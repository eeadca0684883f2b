import type { Source } from '../plan/step.ts'
import { asStepError } from './as-step-error.ts'
import type { PartFile } from './package-store.ts'
import { readTls } from './read-tls.ts'
import { makeRoom } from './room.ts'
import type { StepError } from '../errors.ts'
import type { RequestOf, Tls } from '../worker/request.ts'
import { RESERVE } from '../state/reserve.ts'
import type { Work } from './tools.ts'
import { inWorkDirectory } from './work-directory.ts'

/** What one try works on. */
interface Trying {
  readonly part: PartFile
  /** Which try it is, for people. */
  readonly note: string | undefined
}

/**
 * One worker's go at a download; resolves to what it failed with, undefined when all of the package is there and right. Throws
 * what is no failure of the try: an abort, a disk without room, a key that cannot be read.
 */
export function tryDownload(wanted: Source, work: Work, { part, note }: Trying): Promise<StepError | undefined> {
  const { worker, paths, metafile, log, cutShort: signal } = work
  return worker.downloads.run(async () => {
    await makeRoom(paths, metafile.read(), Math.max(0, (wanted.size ?? 0) - (await part.size())))
    const tls = await readTls(worker.tls)
    let noted: Promise<void> = Promise.resolve()
    const noteSource = (validator: string | undefined) => {
      // Without it the rest may have to be fetched again; that is no reason to stop fetching.
      noted = part.noteSource(validator).catch((error: unknown) => log.warn({ err: error, key: work.key }, 'no note of a source'))
    }
    try {
      await inWorkDirectory(paths, 'download', (cwd) =>
        worker.run<'download'>(requestOf(wanted, work, { part, tls }), {
          cwd,
          packageFd: part.fd,
          signal,
          program: worker.program,
          onProgress: (done, total) => work.progress(done, total, note),
          onSource: noteSource,
          rate: (apply) => worker.rates.join(wanted.rate === undefined ? undefined : wanted.rate * 1024, apply),
        }),
      )
      return undefined
    } catch (error) {
      if (signal.aborted) throw error
      return asStepError(error)
    } finally {
      await noted
    }
  }, signal)
}

function requestOf(
  { url, digest, size }: Source,
  { worker }: Work,
  { part, tls }: { readonly part: PartFile; readonly tls: Tls },
): RequestOf<'download'> {
  return {
    kind: 'download',
    url,
    digest,
    ...(size === undefined ? {} : { size }),
    ...(part.validator === undefined ? {} : { validator: part.validator }),
    maxBytes: worker.maxPackageBytes,
    reserve: RESERVE,
    tls,
    proxies: worker.proxies,
    connectTimeout: worker.timeouts.connect,
    idleTimeout: worker.timeouts.idle,
    totalTimeout: worker.timeouts.total,
  }
}
