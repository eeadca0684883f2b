import { createHash } from 'node:crypto'
import type { Reason } from '@bootagent/protocol'
import { StepError } from '../../../packages/bootagent/src/errors.ts'
import type { WorkerRequest, WorkerResult } from '../../../packages/bootagent/src/worker/request.ts'
import type { WorkerSettings } from '../../../packages/bootagent/src/worker/spawn-worker.ts'
import type { Tools } from '../../../packages/bootagent/src/execute/tools.ts'
import { mkdir, open } from '../disk/fs-promises.ts'
import { createHandle, openedBy } from '../disk/file-handle.ts'
import type { Warehouse } from '../world/packages.ts'
import { type Chance, openChance } from '../world/chance.ts'
import type { Time } from '../world/time.ts'
import { after, type Life, never } from './machine.ts'

/** What a simulated worker is made of. */
export interface WorkerParts {
  readonly host: string
  readonly life: Life
  readonly time: Time
  readonly warehouse: Warehouse
  readonly seed: number
  /** Planted: whatever comes is believed. */
  readonly trusting: boolean
  /** What the way to the packages does to a download that begins now. */
  readonly mirror: () => MirrorFault | undefined
}

export type MirrorFault = 'unreachable' | 'cut' | 'other bytes'

/** Does what a worker is asked for with packages that only exist in the simulation; everything it writes goes over the simulated disk. */
export function simulateWorker(parts: WorkerParts): Tools['worker']['run'] {
  const { life, time } = parts
  const chance = openChance(parts.seed, `worker of ${parts.host} ${life.number}`)
  const doers: Doers = { parts, chance }
  const run = async (request: WorkerRequest, settings: WorkerSettings): Promise<WorkerResult> => {
    settings.signal.throwIfAborted()
    const result = await orDiskFault(carryOut(doers, request, settings)).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    )
    await after(time, 1)
    // A worker ends with its daemon.
    if (!life.alive) await never()
    settings.signal.throwIfAborted()
    if ('error' in result) throw result.error
    return result.value
  }
  return run
}

interface Doers {
  readonly parts: WorkerParts
  readonly chance: Chance
}

async function carryOut(doers: Doers, request: WorkerRequest, settings: WorkerSettings): Promise<WorkerResult> {
  switch (request.kind) {
    case 'download':
      return await download(doers, request, settings)
    case 'inspect':
      return inspect(await contentOf(doers, request, settings))
    case 'unpack':
      return await unpack(await contentOf(doers, request, settings), settings)
  }
}

/** Into the file it was handed, on from where that ends if the source is the same, and all of it hashed before it is believed. */
async function download(
  { parts, chance }: Doers,
  request: Extract<WorkerRequest, { kind: 'download' }>,
  { onProgress, onSource, packageFd, signal }: WorkerSettings,
): Promise<WorkerResult<'download'>> {
  const cargo = parts.warehouse.byUrl(request.url)
  if (cargo === undefined) throw new StepError('fetch-refused', `there is no ${request.url}`)
  const fault = parts.mirror()
  await pass(parts, chance.whole(50, 3000), signal)
  if (fault === 'unreachable') throw new StepError('fetch-unreachable', 'the package server cannot be reached')
  const opened = openedBy(packageFd ?? -1)
  if (opened?.inode.kind !== 'file') throw new StepError('internal', 'the worker was handed no file')
  const part = createHandle({ ...opened, append: true })
  try {
    const sent = fault === 'other bytes' ? Buffer.from(cargo.sent.toString().toUpperCase()) : cargo.sent
    const isWhole = digestOf(opened.inode.bytes) === request.digest
    if (request.validator === undefined && !isWhole) await part.truncate(0)
    onSource?.(`"${cargo.record.version}"`)
    for (const share of [0.5, 1]) {
      const there = opened.inode.bytes.length
      await part.writeFile(sent.subarray(there, Math.max(there, Math.ceil(sent.length * share))))
      onProgress?.(opened.inode.bytes.length, sent.length)
      await pass(parts, chance.whole(50, 20_000), signal)
      if (fault === 'cut') throw new StepError('fetch-cut', 'the download ended before the whole package had come')
    }
    if (!parts.trusting && digestOf(opened.inode.bytes) !== request.digest)
      throw new StepError('checksum-mismatch', 'the bytes are not those of the checksum')
    await part.sync()
  } finally {
    await part.close()
  }
  return { bytes: opened.inode.bytes.length }
}

/** What an archive holds. */
interface Content {
  readonly bytes: number
  /** Path ▸ text, of every file. */
  readonly tree: ReadonlyMap<string, string>
}

/** The package behind the descriptor it was handed: hashed where it lies, as any worker does before it believes a byte. */
async function contentOf(
  { parts, chance }: Doers,
  { digest }: Extract<WorkerRequest, { kind: 'inspect' | 'unpack' }>,
  { packageFd, signal }: WorkerSettings,
): Promise<Content> {
  await pass(parts, chance.whole(5, 500), signal)
  const opened = openedBy(packageFd ?? -1)
  const bytes = opened?.inode.kind === 'file' ? opened.inode.bytes : Buffer.alloc(0)
  if (!parts.trusting && digestOf(bytes) !== digest)
    throw new StepError('checksum-mismatch', 'the package on the disk is not that of the checksum')
  if (parts.warehouse.byDigest(digest)?.flaw === 'unsafe')
    throw new StepError('archive-unsafe', 'the entry ../../etc/passwd leaves the release')
  return { bytes: bytes.length, tree: new Map((JSON.parse(bytes.toString()) as { tree: [string, string][] }).tree) }
}

function inspect({ tree, bytes }: Content): WorkerResult<'inspect'> {
  const programs = [...tree.keys()].filter((path) => path.startsWith('bin/'))
  const manifest = JSON.parse(tree.get('agent.json') ?? '{}') as WorkerResult<'inspect'>['manifest']
  return { entries: tree.size, bytes, manifest, programs, scripts: [] }
}

async function unpack(content: Content, { cwd }: WorkerSettings): Promise<WorkerResult<'unpack'>> {
  const { tree } = content
  const directories = ['']
  for (const [path, content] of tree) {
    const [directory] = path.includes('/') ? path.split('/') : ['']
    if (directory !== undefined && !directories.includes(directory)) {
      await mkdir(`${cwd}/${directory}`, 0o755)
      directories.push(directory)
    }
    const file = await open(`${cwd}/${path}`, 'wx', path.startsWith('bin/') ? 0o755 : 0o644)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
  }
  for (const directory of directories) await syncDirectory(`${cwd}/${directory}`)
  return inspect(content)
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** Some time goes by; a worker that is told to go meanwhile is killed then, and does nothing more. */
async function pass({ life, time }: WorkerParts, ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const forget = time.after(ms, resolve)
    signal.addEventListener('abort', () => time.after(1, () => (forget(), resolve())), { once: true })
  })
  if (!life.alive) await never()
  signal.throwIfAborted()
}

async function orDiskFault<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work
  } catch (error) {
    if (error instanceof StepError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    const reason: Reason = code === 'ENOSPC' ? 'disk-full' : 'disk-error'
    throw new StepError(reason, `working on the package: ${(error as Error).message}`, error)
  }
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
