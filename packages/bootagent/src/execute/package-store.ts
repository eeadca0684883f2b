import { constants } from 'node:fs'
import { type FileHandle, lstat, open, readFile, rename, rm, unlink, utimes, writeFile } from 'node:fs/promises'
import { DIGEST_LENGTHS, type Digest } from '@bootagent/protocol'
import { crashPoint, diskError, namesIfThere, syncDirectory } from '@bootagent/runtime'
import { StepError } from '../errors.ts'
import type { Paths } from '../state/paths.ts'
import type { KeptPackage } from './choose-evictions.ts'

/**
 * A package on its way: `packages/<digest>.part`, which a killed BootAgent or worker leaves as it is, so that only the rest of it
 * is fetched. Beside it, in `packages/<digest>.source`, stands what its source said of it; lost or wrong, it costs a download, and
 * never a mistake, since the digest is of all bytes.
 */
export interface PartFile {
  /** For the worker, which may not open it itself. */
  readonly fd: number
  readonly validator: string | undefined
  size(): Promise<number>
  noteSource(validator: string | undefined): Promise<void>
  /** Forgets what is there. */
  scratch(): Promise<void>
  /** Deletes it. */
  discard(): Promise<void>
  /** Makes it the package: its bytes, then its name, then the directory. Only for one whose digest was found right. */
  take(): Promise<void>
  close(): Promise<void>
}

/** Opens or makes it; `source` names where it comes from, and what another source said of it is not believed. */
export async function openPartFile(paths: Paths, digest: Digest, source: string): Promise<PartFile> {
  const path = `${paths.packages}/${digest}.part`
  const note = `${paths.packages}/${digest}.source`
  const file = await openPart(path)
  let validator = await readNote(note, source)
  return {
    fd: file.fd,
    get validator() {
      return validator
    },
    size: async () => (await file.stat()).size,
    async noteSource(said) {
      validator = said
      await onDisk(`noting the source of ${path}`, () => writeFile(note, JSON.stringify({ source, validator }), { mode: 0o600 }))
    },
    async scratch() {
      validator = undefined
      await onDisk(`emptying ${path}`, async () => {
        await file.truncate(0)
        await rm(note, { force: true })
      })
    },
    discard: () =>
      onDisk(`removing ${path}`, async () => {
        await rm(path, { force: true })
        await rm(note, { force: true })
      }),
    take: () =>
      onDisk(`taking ${path}`, async () => {
        await file.chmod(0o400)
        await file.sync()
        crashPoint('download:synced')
        await rename(path, `${paths.packages}/${digest}`)
        await syncDirectory(paths.packages)
        crashPoint('download:in-place')
        await rm(note, { force: true })
      }),
    close: () => file.close(),
  }
}

async function openPart(path: string): Promise<FileHandle> {
  // Not followed, should somebody have planted a link; not waited for, should it be a pipe.
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK
  return onDisk(`opening ${path}`, async () => {
    const file = await open(path, flags, 0o600)
    const found = await file.stat()
    if (found.isFile() && found.nlink === 1) return file
    await file.close()
    throw new StepError('disk-error', `${path} is something else than one plain file; remove it`)
  })
}

async function readNote(path: string, source: string): Promise<string | undefined> {
  try {
    const note = JSON.parse(await readFile(path, 'utf8')) as { source?: unknown; validator?: unknown } | null
    return note?.source === source && typeof note.validator === 'string' ? note.validator : undefined
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw diskError(`reading ${path}`, error)
  }
}

/** The verified packages on the disk, whoever needs them. */
export async function keptPackages(paths: Paths): Promise<KeptPackage[]> {
  const kept: KeptPackage[] = []
  for (const name of (await namesIfThere(paths.packages)) ?? []) {
    if (!isDigest(name)) continue
    const { size, mtimeMs } = await lstat(`${paths.packages}/${name}`)
    kept.push({ digest: name, bytes: size, used: mtimeMs })
  }
  return kept
}

/** Whether a name in `packages/` is a verified package, and not one on its way. */
export function isDigest(name: string): boolean {
  return /^[0-9a-f]+$/.test(name) && (Object.values(DIGEST_LENGTHS) as number[]).includes(name.length)
}

export async function isKept(paths: Paths, digest: Digest): Promise<boolean> {
  return ((await namesIfThere(paths.packages)) ?? []).includes(digest)
}

/** Notes that a package was used `now`, in seconds: what was used longest ago is given up first. */
export async function noteUse(paths: Paths, digest: Digest, now: number): Promise<void> {
  await onDisk(`noting the use of ${digest}`, () => utimes(`${paths.packages}/${digest}`, now, now))
}

/** Deletes a package, as one that has turned out bad or that nobody needs. */
export async function dropPackage(paths: Paths, digest: Digest): Promise<void> {
  await onDisk(`removing the package ${digest}`, () => unlink(`${paths.packages}/${digest}`))
}

async function onDisk<Result>(doing: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof StepError) throw error
    throw diskError(doing, error)
  }
}
