import process from 'node:process'
import { createInterface } from 'node:readline'
import { diskError, RuntimeError, systemClock } from '@bootagent/runtime'
import * as v from 'valibot'
import type { DownloadTools } from './download.ts'
import { dropPrivileges } from './drop-privileges.ts'
import { type OnProgress, paceProgress } from './pace.ts'
import { RateOrder, type RequestKind, type RequestOf, type WorkerMessage, WorkerRequest, type WorkerResult } from './request.ts'
import { StepError } from '../errors.ts'

/**
 * The worker's whole life: loads what a request of its kind needs, since afterwards it may not be able to read the program's files;
 * gives up root, reads one request from standard input, carries it out, and exits, with 0 after `done` and 1 after `failed`.
 */
export async function runWorker(kind: string | undefined): Promise<never> {
  const last = await attempt(kind)
  await say(last)
  process.exit(last.kind === 'done' ? 0 : 1)
}

async function attempt(kind: string | undefined): Promise<WorkerMessage> {
  try {
    const doer = await loadDoer(kind)
    // Before a single byte from outside is seen.
    dropPrivileges()
    process.umask(0o022)
    const orders = listen()
    return { kind: 'done', result: await carryOut(doer, await orders.request, orders.rate) }
  } catch (error) {
    return failureOf(error)
  }
}

type Doer<K extends RequestKind> = (request: RequestOf<K>, tools: DownloadTools) => Promise<WorkerResult<K>>

/** Each loads only what it needs: who unpacks has no use for a client of HTTP, and would wait for it. */
const DOERS: { readonly [K in RequestKind]: () => Promise<Doer<K>> } = {
  download: async () => (await import('./download.ts')).download,
  inspect: async () => {
    const { inspect } = await import('./inspect.ts')
    return (request, { onProgress }) => inspect(request, onProgress)
  },
  unpack: async () => {
    const { unpack } = await import('./unpack.ts')
    return (request, { onProgress }) => unpack(request, onProgress)
  },
}

interface Loaded {
  readonly kind: RequestKind
  readonly work: (request: WorkerRequest, tools: DownloadTools) => Promise<WorkerResult>
}

async function loadDoer(kind: string | undefined): Promise<Loaded> {
  const known = (Object.keys(DOERS) as RequestKind[]).find((each) => each === kind)
  if (known === undefined) throw new StepError('internal', 'the worker was not told what it is for')
  return { kind: known, work: (await DOERS[known]()) as Loaded['work'] }
}

function carryOut({ kind, work }: Loaded, request: WorkerRequest, rate: () => number): Promise<WorkerResult> {
  if (request.kind !== kind) throw new StepError('internal', `a worker for ${kind} was asked for ${request.kind}`)
  const onSource = (validator: string | undefined) =>
    void say({ kind: 'source', ...(validator === undefined ? {} : { validator }) })
  return work(request, { onProgress: paceProgress(sayProgress, systemClock.now), onSource, rate })
}

/** What the daemon says: one request, and how fast to fetch, before it and after. */
interface Orders {
  readonly request: Promise<WorkerRequest>
  readonly rate: () => number
}

/** Standard input stays open as long as the daemon lives: a worker whose daemon was killed has nobody to work for. */
function listen(): Orders {
  const asked = Promise.withResolvers<WorkerRequest>()
  let rate = Infinity
  let begun = false
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    try {
      const order = readLine(line)
      if (order.kind === 'rate') rate = order.rate ?? Infinity
      else asked.resolve(order)
      begun ||= order.kind !== 'rate'
    } catch (error) {
      asked.reject(error)
    }
  })
  lines.once('close', () => {
    if (begun) process.exit(1)
    asked.reject(new StepError('internal', 'the worker was asked for nothing'))
  })
  return { request: asked.promise, rate: () => rate }
}

function readLine(line: string): WorkerRequest | RateOrder {
  const reading = v.safeParse(v.variant('kind', [WorkerRequest, RateOrder]), JSON.parse(line))
  if (reading.success) return reading.output
  const [issue] = reading.issues
  // Never the value: a request carries keys and passwords.
  const field = v.getDotPath(issue) ?? ''
  throw new StepError('internal', `the worker was asked for something else than it does: ${field} ${issue.message}`)
}

const sayProgress: OnProgress = (done, total) => {
  void say({ kind: 'progress', done, ...(total === undefined ? {} : { total }) })
}

function say(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${JSON.stringify(message)}\n`, () => resolve()))
}

function failureOf(error: unknown): WorkerMessage {
  if (error instanceof StepError) {
    const { reason, message, retryAfter } = error
    return { kind: 'failed', reason, message, ...(retryAfter === undefined ? {} : { retryAfter }) }
  }
  if (error instanceof RuntimeError || isDiskFault(error)) {
    const { code, message } = diskError('working on the package', error)
    return { kind: 'failed', reason: code === 'disk-full' ? 'disk-full' : 'disk-error', message }
  }
  // Not foreseen: the stack goes to the daemon's log by way of standard error.
  process.stderr.write(`${(error as Error).stack ?? String(error)}\n`)
  return { kind: 'failed', reason: 'internal', message: `the worker failed: ${(error as Error).message}` }
}

/** Network faults have been explained where they arose: what is left with a system call's name is the disk's. */
function isDiskFault(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}
