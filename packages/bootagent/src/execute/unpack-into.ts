import type { StepPayloads } from '../plan/step.ts'
import type { Written } from '../state/metafile-schema.ts'
import type { WorkerResult } from '../worker/request.ts'
import { DEFAULT_UNPACK_LIMITS } from '../worker/unpack-limits.ts'
import { sealTree } from './seal-tree.ts'
import type { Work } from './tools.ts'

/** A package, opened for a worker, and the fresh directory it is to be unpacked into. */
export interface Unpacking extends Pick<StepPayloads['unpack'], 'digest' | 'format'> {
  readonly packageFd: number
  readonly cwd: string
}

/** What came of it: what is in the package, and when its files were written; undefined of a package without files. */
export interface UnpackedInto {
  readonly found: WorkerResult<'unpack'>
  readonly written: Written | undefined
}

/** Has a worker unpack a package, and takes what it leaves over: on the disk, and ours, before anybody else can touch it. */
export async function unpackInto({ digest, format, packageFd, cwd }: Unpacking, work: Work): Promise<UnpackedInto> {
  const { worker, cutShort: signal, progress: onProgress } = work
  const found = await worker.run<'unpack'>(
    { kind: 'unpack', format, digest, limits: DEFAULT_UNPACK_LIMITS },
    { cwd, packageFd, signal, onProgress, program: worker.program },
  )
  return { found, written: await sealTree(cwd) }
}
