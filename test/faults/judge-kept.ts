import type { Metafile } from '../../packages/bootagent/src/state/metafile-schema.ts'
import type { Overheard } from './overhear.ts'

/** What a host has told its server, and must therefore never forget; `at` is when. */
export type Promised =
  | { readonly at: number; readonly kind: 'identity'; readonly agentsn: string }
  | { readonly at: number; readonly kind: 'job'; readonly id: string }
  | { readonly at: number; readonly kind: 'result'; readonly id: string; readonly errcode: number; readonly message: string }

/** A message as far as it is looked at. */
interface Message {
  readonly agentsn?: string
  readonly progress?: readonly { readonly id: string }[]
  readonly jobs?: readonly { readonly id: string; readonly errcode: number; readonly message?: string }[]
}

/** Who it is, by its registration and by each report; the jobs it says it works on; the results it brings. */
export function promisesOf(heard: readonly Overheard[]): Promised[] {
  return heard.flatMap(({ at, body }) => {
    const { agentsn, progress = [], jobs = [] } = body as Message
    return [
      ...(agentsn === undefined ? [] : [{ at, kind: 'identity', agentsn } as const]),
      ...progress.map(({ id }) => ({ at, kind: 'job', id }) as const),
      ...jobs.map(({ id, errcode, message = '' }) => ({ at, kind: 'result', id, errcode, message }) as const),
    ]
  })
}

/** What was promised and is not kept, as sentences. */
export function judgeKept(promised: readonly Promised[], metafile: Metafile | undefined): string[] {
  if (metafile === undefined)
    return promised.length === 0 ? [] : [`there is no metafile, and ${promised.length} things were told to the server`]
  return promised.flatMap((each) =>
    isKept(each, metafile) ? [] : [`the server was told ${JSON.stringify(each)}, and the disk does not have it`],
  )
}

function isKept(promised: Promised, metafile: Metafile): boolean {
  if (promised.kind === 'identity') return metafile.identity.agentsn === promised.agentsn
  const record = Object.values(metafile.jobs).find(({ job }) => job?.id === promised.id)
  if (promised.kind === 'job' || record === undefined) return record !== undefined
  return record.result?.errcode === promised.errcode && (record.result.message ?? '') === promised.message
}
