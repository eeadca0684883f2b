import { parseServerList } from '@bootagent/protocol'
import { crashPoint, diskError, syncDirectory } from '@bootagent/runtime'
import { BootAgentError } from '../errors.ts'
import { addEvent } from './events.ts'
import { eventId } from './event-id.ts'
import { findMetafile, type MetafileStore, openMetafile, writeFirstMetafile } from './metafile.ts'
import { type Identity, newMetafile } from './metafile-schema.ts'
import type { Paths } from './paths.ts'

/** What a new host is made from; used only when there is no metafile. */
export interface FirstStart {
  readonly identity: () => Identity
  /** `-S`, as given. */
  readonly servers: string | undefined
  readonly baked: string
  readonly step: number
}

/** How a start begins, for the log. */
export interface Opened {
  readonly metafile: MetafileStore
  readonly how: 'first start' | 'known host' | 'known host, from the copy'
  /** `-S` counts at first start only (seed 001, server addresses). */
  readonly serversIgnored: boolean
}

/**
 * Opens the metafile, or makes the first one. The identity is on disk before anything is sent: a crash between the two then asks
 * the server again for the same host, where a new identity at each start would leave a trail of hosts that never were.
 */
export async function openOrBegin(paths: Paths, first: FirstStart, now: number): Promise<Opened> {
  const found = await findMetafile(paths)
  if (found.kind === 'absent') {
    const metafile = newMetafile({ identity: first.identity(), svrlist: serversOf(first), step: first.step })
    crashPoint('first-start:before-write')
    await writeFirstMetafile(paths, metafile)
    crashPoint('first-start:written')
    return { metafile: openMetafile(paths, metafile), how: 'first start', serversIgnored: false }
  }
  await syncNames(paths)
  const metafile = openMetafile(paths, found.metafile)
  const serversIgnored = first.servers !== undefined
  if (found.kind === 'ok') return { metafile, how: 'known host', serversIgnored }
  const message = `the metafile could not be used (${found.why}); the copy before it was taken, so the last change may be lost`
  const category = 'metafile-damaged'
  await metafile.update(addEvent({ id: eventId(category, [now]), timestamp: now, category, message }))
  return { metafile, how: 'known host, from the copy', serversIgnored }
}

/**
 * The one before us may have been killed between naming the newest metafile and syncing that name. It had told nobody of what is in it; we
 * are about to, and a power cut must not take it back.
 */
async function syncNames({ home, metafile }: Paths): Promise<void> {
  try {
    await syncDirectory(home)
  } catch (error) {
    throw diskError(`putting the name of ${metafile} on the disk`, error)
  }
}

function serversOf({ servers, baked }: FirstStart): string {
  const given = servers ?? ''
  const parsed = parseServerList(given)
  if ('refused' in parsed) throw new BootAgentError('usage', `-S: ${parsed.refused}`)
  if (parsed.servers.length === 0 && baked === '') {
    throw new BootAgentError('usage', 'this is the first start, and no server is known: give at least one with -S HOST[:PORT],…')
  }
  return given
}
