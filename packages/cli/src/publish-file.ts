import type { PackageRecord, Run } from '@bootagent/protocol'
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { CliError } from './errors.ts'
import { progressBar } from './progress-bar.ts'
import type { Session } from './session.ts'

/** What a package is published as. */
export interface PackageIdentity {
  readonly file: string
  readonly name: string
  readonly version: string
  readonly os: string
  readonly arch: string
  readonly run: Run | undefined
  /** Which BootAgent it needs. */
  readonly bootagent: string | undefined
}

/** Sends a package in pieces, however large it is, and resolves to what the server recorded. Throws CliError. */
export async function publishFile(session: Session, path: string, identity: PackageIdentity): Promise<PackageRecord> {
  const source = await openPackage(path)
  try {
    const sha256 = await digestOf(source, session.interrupt)
    const known = findPublished(await session.api.packages(), identity)
    if (known !== undefined) return sameOrRefuse(session, known, sha256)
    const bytes = withProgress(session, pieces(source), source.size)
    return await session.api.publish({ ...identity, sha256, bytes, size: source.size })
  } finally {
    session.output.progress('')
    await source.handle.close()
  }
}

/** An open file; the handle stays with the bytes that were hashed even when the name comes to mean others. */
interface Source {
  readonly path: string
  readonly handle: FileHandle
  readonly size: number
}

async function openPackage(path: string): Promise<Source> {
  try {
    const handle = await open(path)
    const stat = await handle.stat()
    if (stat.isFile() && stat.size > 0) return { path, handle, size: stat.size }
    await handle.close()
    throw new CliError('file', `${path} is ${stat.isFile() ? 'empty' : 'not a file'}`)
  } catch (error) {
    throw fileError(path, error)
  }
}

async function digestOf(source: Source, interrupt: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of pieces(source)) {
    if (interrupt.aborted) throw new CliError('interrupted', 'interrupted; nothing was sent')
    hash.update(piece)
  }
  return hash.digest('hex')
}

/**
 * The file from its start; exactly as many bytes as it had when it was opened. The last piece is kept back until the end was seen: with it
 * a server has all it was promised, and may have taken the package before we know better.
 */
async function* pieces({ path, handle, size }: Source): AsyncGenerator<Uint8Array> {
  let taken = 0
  let kept: Buffer | undefined
  try {
    const stream: AsyncIterable<Buffer> = handle.createReadStream({ start: 0, autoClose: false, highWaterMark: 256 * 1024 })
    for await (const piece of stream) {
      taken += piece.length
      if (taken > size) break
      if (kept !== undefined) yield kept
      kept = piece
    }
  } catch (error) {
    throw fileError(path, error)
  }
  if (taken !== size) throw new CliError('file', `${path} changed while it was read`)
  if (kept !== undefined) yield kept
}

/**
 * The server would say the same, but in the middle of an upload, when a refusal may reach the sender only as a broken
 * connection. Asking first also saves sending again what is there.
 */
function findPublished(
  packages: readonly PackageRecord[],
  { name, version, os, arch }: PackageIdentity,
): PackageRecord | undefined {
  return packages.find((each) => each.name === name && each.version === version && each.os === os && each.arch === arch)
}

function sameOrRefuse({ output }: Session, known: PackageRecord, sha256: string): PackageRecord {
  const what = `${known.name} ${known.version} for ${known.os}/${known.arch}`
  if (known.sha256 !== sha256)
    throw new CliError('refused', `${what} is published with other bytes: a version never changes, give this one a new version`)
  output.say(`${what} is published already, with the same bytes`)
  return known
}

async function* withProgress({ output }: Session, bytes: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let sent = 0
  let shown = ''
  for await (const piece of bytes) {
    yield piece
    sent += piece.length
    const bar = progressBar(sent, size, output.width)
    if (bar !== shown) output.progress(bar)
    shown = bar
  }
}

function fileError(path: string, error: unknown): CliError {
  return error instanceof CliError ? error : new CliError('file', `${path} cannot be read: ${(error as Error).message}`, error)
}
