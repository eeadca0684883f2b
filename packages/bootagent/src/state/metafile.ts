import { link, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import process from 'node:process'
import { crashPoint, findFile, RuntimeError, writeFileAtomic } from '@bootagent/runtime'
import { BootAgentError, StepError } from '../errors.ts'
import { describeOther, judgeRights } from './judge-metafile-place.ts'
import {
  type Metafile,
  type MetafileReading,
  MOST_METAFILE_BYTES,
  readMetafile,
  type Reducer,
  tooLarge,
  writtenMetafile,
} from './metafile-schema.ts'
import type { Paths } from './paths.ts'

/** The one writer of the metafile. Readers get a value that never changes under them. */
export interface MetafileStore {
  /** The value as it is on disk. */
  read(): Metafile
  /** Changes it: one at a time, in the order of the calls. Resolves when the change is durable; rejects, with nothing changed, when the disk refuses. */
  update(reducer: Reducer): Promise<Metafile>
}

/** What a start finds: no metafile at all is a new host (seed 001), and only that. */
export type FoundMetafile =
  | { readonly kind: 'absent' }
  | { readonly kind: 'ok'; readonly metafile: Metafile }
  /** The newest one was unreadable; this is the one before it. */
  | { readonly kind: 'previous'; readonly metafile: Metafile; readonly why: string }

/**
 * Reads what the last BootAgent left. Throws when it is there and cannot be used: a host must never be made new by accident. What is damaged is
 * made good by the copy before it; what somebody has put there, or may write, is not, since only they can say what they meant.
 */
export async function findMetafile(paths: Paths): Promise<FoundMetafile> {
  const reading = await readOne(paths.metafile)
  if (reading?.kind === 'ok') return reading
  if (reading?.kind === 'newer') throw newerError(paths.metafile, reading.format)
  const fallback = await readOne(paths.previousMetafile)
  if (reading === undefined && fallback === undefined) return { kind: 'absent' }
  const why = reading === undefined ? 'it is missing' : reading.why
  if (fallback?.kind === 'ok') return { kind: 'previous', metafile: fallback.metafile, why }
  if (fallback?.kind === 'newer') throw newerError(paths.previousMetafile, fallback.format)
  throw new BootAgentError(
    'metafile-unreadable',
    `${paths.metafile} cannot be used: ${why}; and there is no usable copy in ${paths.previousMetafile}. ` +
      'Restore one of them from a backup. Only if this host is to be forgotten, remove both: it will then register anew.',
  )
}

/**
 * Undefined only when there is no such file; one that the disk will not give is as unreadable as one that is damaged. Throws
 * when it is not for us to believe.
 */
async function readOne(path: string): Promise<MetafileReading | undefined> {
  try {
    const found = await findFile(path, MOST_METAFILE_BYTES)
    if (found === undefined) return undefined
    if (found.kind === 'large') return tooLarge(found.size)
    if (found.kind === 'other') throw new BootAgentError('metafile-unreadable', describeOther(path, found.what))
    const objection = judgeRights(path, found, await trustedWith(path))
    if (objection !== undefined) throw new BootAgentError('metafile-unreadable', objection)
    return readMetafile(found.bytes.toString('utf8'))
  } catch (error) {
    if (error instanceof RuntimeError) return { kind: 'unreadable', why: error.message }
    throw error
  }
}

/** Whose metafiles are believed: ours, root's, and those of whoever could replace them, since the home is theirs. */
async function trustedWith(path: string): Promise<readonly number[]> {
  return [process.geteuid?.() ?? 0, 0, (await stat(dirname(path))).uid]
}

/** Puts the very first metafile on disk. */
export async function writeFirstMetafile(paths: Paths, metafile: Metafile): Promise<void> {
  await writeFileAtomic(paths.metafile, writtenMetafile(metafile), { via: paths.tmp })
}

/** Opens the store on a value that {@link findMetafile} found or {@link writeFirstMetafile} wrote. */
export function openMetafile(paths: Paths, found: Metafile): MetafileStore {
  let current = found
  // After a start, and after a write that failed, the file may be another than what we hold.
  let isOnDisk = false
  let queue: Promise<unknown> = Promise.resolve()

  async function change(reducer: Reducer): Promise<Metafile> {
    const next = reducer(current)
    if (next === current) return current
    const text = writtenMetafile(next)
    // A fault of ours must not become a metafile that the next start refuses: nothing is written that cannot be read.
    const reading = readMetafile(text)
    if (reading.kind === 'unreadable')
      throw new StepError('internal', `a change would have made the metafile unreadable: ${reading.why}`)
    crashPoint('metafile:before-write')
    // The copy first: should the new file be damaged later, the last good one is still there.
    if (!isOnDisk || !(await keepAsPrevious(paths))) {
      await writeFileAtomic(paths.previousMetafile, writtenMetafile(current), { via: paths.tmp })
    }
    crashPoint('metafile:between-copies')
    isOnDisk = false
    await writeFileAtomic(paths.metafile, text, { via: paths.tmp })
    isOnDisk = true
    crashPoint('metafile:written')
    current = next
    return next
  }

  return {
    read: () => current,
    update(reducer) {
      const result = queue.then(() => change(reducer))
      queue = result.catch(() => undefined)
      return result
    },
  }
}

/**
 * Gives the newest one the other's name as well: its bytes are on the disk already, and its new name will be with the write that
 * follows, which syncs the directory of both. False where the disk has no second names, or the file is gone: then a copy is written.
 */
async function keepAsPrevious({ metafile, previousMetafile, tmp }: Paths): Promise<boolean> {
  const beside = `${tmp}/.${basename(previousMetafile)}.link`
  try {
    await rm(beside, { force: true })
    await link(metafile, beside)
    await rename(beside, previousMetafile)
    return true
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    // Best effort: the copy that is written instead matters, and the next change begins by clearing this away.
    await rm(beside, { force: true }).catch(() => undefined)
    return false
  }
}

function newerError(path: string, found: number): BootAgentError {
  return new BootAgentError(
    'metafile-newer',
    `${path} has format ${found}, written by a newer BootAgent: install that version again to go on`,
  )
}
