import { type ChildProcessByStdio, spawn } from 'node:child_process'
import process from 'node:process'
import type { Readable, Writable } from 'node:stream'
import { systemClock } from '@bootagent/runtime'
import * as v from 'valibot'
import { confined } from './confine.ts'
import type { OnProgress } from './pace.ts'
import { createOutputReader } from './read-output.ts'
import {
  type RateOrder,
  type RequestKind,
  type RequestOf,
  RESULTS,
  type WorkerMessage,
  type WorkerRequest,
  type WorkerResult,
} from './request.ts'
import { watchMemory } from './watch-memory.ts'
import { isShortage } from '../shortage.ts'
import { StepError } from '../errors.ts'

/** How and where one worker runs. */
export interface WorkerSettings {
  /** A fresh directory; when root calls, its owner must be `workerIdentity()`. */
  readonly cwd: string
  /** The package: open for reading for `inspect` and `unpack`, for writing as well for `download`. It stays the caller's to close. */
  readonly packageFd?: number
  readonly signal: AbortSignal
  readonly onProgress?: OnProgress
  /** Told what the source says of its package, when that comes. */
  readonly onSource?: (validator: string | undefined) => void
  /** How fast a download may be: calls back at once and at each change, in bytes a second, until the function it returns is called. */
  readonly rate?: (apply: (perSecond: number) => void) => () => void
  /** This program; `worker` and the kind of the request are added to its arguments. */
  readonly program: { readonly command: string; readonly args: readonly string[] }
  /** Milliseconds after which the worker is killed whatever it does; by default its own total timeout and 10 s, or 30 min. */
  readonly timeLimit?: number
  /** Bytes of memory above which the worker, with all it has started, is killed; by default 768 MiB. */
  readonly memoryLimit?: number
}

/**
 * Has one request carried out by a process of its own, and settles once that process is gone. Throws StepError with the
 * worker's reason, or with `internal` and a sentence on how it died; throws the signal's reason when that is aborted.
 */
export async function runInWorker<K extends RequestKind>(
  request: RequestOf<K>,
  settings: WorkerSettings,
): Promise<WorkerResult<K>> {
  settings.signal.throwIfAborted()
  const deadline = AbortSignal.timeout(settings.timeLimit ?? timeLimitOf(request))
  const tooMuch = new AbortController()
  const ending = await runUntil([settings.signal, deadline, tooMuch.signal], request, { ...settings, tooMuch })
  settings.signal.throwIfAborted()
  if (deadline.aborted) throw new StepError(LATE[request.kind], 'the worker took too long')
  if (tooMuch.signal.aborted)
    throw new StepError(
      HEAVY[request.kind],
      `the worker needed more than ${memoryLimitOf(settings) / 1024 ** 2} MiB of memory, which is the most it may have`,
    )
  return readEnding(request.kind, ending)
}

function timeLimitOf(request: WorkerRequest): number {
  return request.kind === 'download' ? request.totalTimeout + 10_000 : 30 * 60_000
}

/** The reader's own heap is bounded by Node, the window of xz by its options: this is well above what both need. */
const MEMORY_LIMIT = 768 * 1024 ** 2

function memoryLimitOf({ memoryLimit }: WorkerSettings): number {
  return memoryLimit ?? MEMORY_LIMIT
}

const LATE = { download: 'fetch-timeout', inspect: 'internal', unpack: 'internal' } as const

/** A package that needs so much is refused; a download that does is a fault of ours. */
const HEAVY = { download: 'internal', inspect: 'archive-too-large', unpack: 'archive-too-large' } as const

async function runUntil(
  stops: readonly AbortSignal[],
  request: WorkerRequest,
  settings: WorkerSettings & { readonly tooMuch: AbortController },
): Promise<Ending> {
  const worker = startWorker(request, settings)
  const end = () => killGroup(worker)
  const unwatch = watchMemory(worker.pid ?? 0, memoryLimitOf(settings), () => settings.tooMuch.abort())
  for (const stop of stops) stop.addEventListener('abort', end)
  try {
    return await converse(worker, request, settings)
  } finally {
    unwatch()
    for (const stop of stops) stop.removeEventListener('abort', end)
  }
}

type Worker = ChildProcessByStdio<Writable, Readable, Readable>

/** Nothing of the daemon's environment: no proxy, no token, no preloaded library. */
const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C',
  // Names and headers live in the heap; bodies only pass.
  NODE_OPTIONS: '--max-old-space-size=256',
}

function startWorker(request: WorkerRequest, { program, cwd, packageFd }: WorkerSettings): Worker {
  const [command, ...args] = confined(request, [program.command, ...program.args, 'worker', request.kind])
  // A group of its own, so that one signal also reaches what it starts.
  return spawn(command, args, {
    cwd,
    env: ENVIRONMENT,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', packageFd ?? 'ignore'],
  }) as Worker
}

function killGroup(worker: Worker): void {
  // Once it has been waited for, its number may be another's.
  if (worker.pid === undefined || worker.exitCode !== null || worker.signalCode !== null) return
  process.kill(-worker.pid, 'SIGKILL')
}

/** All that is known of a worker when it is gone. */
interface Ending {
  readonly last: WorkerMessage | undefined
  /** What was wrong with its output. */
  readonly breach: Error | undefined
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The end of its standard error. */
  readonly complaint: string
}

function converse(worker: Worker, request: WorkerRequest, { onProgress, onSource, rate }: WorkerSettings): Promise<Ending> {
  const output = createOutputReader(systemClock.uptime)
  let last: WorkerMessage | undefined
  let breach: Error | undefined
  let complaint = ''

  function hear(piece: Buffer): void {
    for (const message of read(piece)) {
      last = message
      if (message.kind === 'progress') onProgress?.(message.done, message.total)
      if (message.kind === 'source') onSource?.(message.validator)
    }
  }

  function read(piece: Buffer): readonly WorkerMessage[] {
    if (breach !== undefined) return []
    try {
      return output.push(piece)
    } catch (error) {
      breach = error as Error
      killGroup(worker)
      return []
    }
  }

  return new Promise((resolve, reject) => {
    worker.once('error', (error) => reject(notStarted(error)))
    // Where the host has no descriptors left it has no pipes, whatever its type says; why comes as its error.
    if ((worker.stdin as Writable | undefined) === undefined) return
    worker.once('exit', () => closeSoon(worker))
    worker.once('close', (code, signal) => resolve({ last, breach, code, signal, complaint }))
    worker.stdout.on('data', hear)
    worker.stderr.on('data', (piece: Buffer) => {
      complaint = (complaint + piece.toString('latin1')).slice(-LONGEST_COMPLAINT)
    })
    // A worker that is gone before it has read is reported by its exit. It stays open: see `endWithDaemon`.
    worker.stdin.on('error', () => undefined)
    // Before the request, so that not even its first bytes come faster.
    const settle = rate?.((perSecond) => order(worker, { kind: 'rate', rate: perSecond === Infinity ? null : perSecond }))
    worker.once('close', () => settle?.())
    order(worker, request)
  })
}

function order(worker: Worker, what: WorkerRequest | RateOrder): void {
  if (worker.stdin.writable) worker.stdin.write(`${JSON.stringify(what)}\n`)
}

const LONGEST_COMPLAINT = 8192

function notStarted(error: Error): StepError {
  const reason = isShortage(error) ? 'start-hindered' : 'internal'
  return new StepError(reason, `the worker could not be started: ${error.message}`, error)
}

/** What a worker left behind outside its group may hold its output open, but not the daemon up. */
function closeSoon(worker: Worker): void {
  const timer = setTimeout(() => [worker.stdout, worker.stderr].forEach((output) => output.destroy()), 1000)
  worker.once('close', () => clearTimeout(timer))
}

function readEnding<K extends RequestKind>(kind: K, ending: Ending): WorkerResult<K> {
  const { last, breach, code } = ending
  if (breach !== undefined) throw new StepError('internal', `the worker cannot be believed: ${breach.message}`, breach)
  if (last?.kind === 'failed')
    throw Object.assign(
      new StepError(last.reason, last.message),
      last.retryAfter === undefined ? {} : { retryAfter: last.retryAfter },
    )
  if (last?.kind !== 'done' || code !== 0) throw new StepError('internal', describeDeath(ending))
  const reading = v.safeParse(RESULTS[kind], last.result)
  if (reading.success) return reading.output
  throw new StepError('internal', `the worker cannot be believed: its result is no result of ${kind}`)
}

function describeDeath({ code, signal, complaint }: Ending): string {
  const how = signal === null ? `exited with ${code}` : `was ended by ${signal}`
  // Node says in one line what was wrong, and then prints pages.
  const line = /^(?:FATAL ERROR|\w*Error)\b.*$/m.exec(complaint)?.[0] ?? complaint.trim().split('\n').at(-1) ?? ''
  const said = line.replace(/[^\x20-\x7e]/g, ' ').slice(0, 300)
  return `the worker ${how} before it was done${said === '' ? '' : ` (${said})`}`
}
