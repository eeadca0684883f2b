import process from 'node:process'
import { createInterface } from 'node:readline'
import { diskError, RuntimeError, systemClock } from '@bootagent/runtime'
import * as v from 'valibot'
import { download, type DownloadTools } from './download.ts'
import { dropPrivileges } from './drop-privileges.ts'
import { inspect } from './inspect.ts'
import { type OnProgress, paceProgress } from './pace.ts'
import { RateOrder, type RequestKind, type RequestOf, type WorkerMessage, WorkerRequest, type WorkerResult } from './request.ts'
import { unpack } from './unpack.ts'
import { StepError } from '../errors.ts'

/**
 * The worker's whole life: gives up root, reads one request from standard input, carries it out, and exits, with 0 after
 * `done` and 1 after `failed`. Everything it needs is loaded by now: afterwards it may not be able to read the program's files.
 */
export async function runWorker(): Promise<never> {
  const last = await attempt()
  await say(last)
  process.exit(last.kind === 'done' ? 0 : 1)
}

async function attempt(): Promise<WorkerMessage> {
  try {
    // Before a single byte from outside is seen.
    dropPrivileges()
    process.umask(0o022)
    const orders = listen()
    return { kind: 'done', result: await carryOut(await orders.request, orders.rate) }
  } catch (error) {
    return failureOf(error)
  }
}

type Doers = { readonly [K in RequestKind]: (request: RequestOf<K>, tools: DownloadTools) => Promise<WorkerResult<K>> }

const DOERS: Doers = {
  download,
  inspect: (request, { onProgress }) => inspect(request, onProgress),
  unpack: (request, { onProgress }) => unpack(request, onProgress),
}

function carryOut(request: WorkerRequest, rate: () => number): Promise<WorkerResult> {
  const doer = DOERS[request.kind] as (request: WorkerRequest, tools: DownloadTools) => Promise<WorkerResult>
  const onSource = (validator: string | undefined) =>
    void say({ kind: 'source', ...(validator === undefined ? {} : { validator }) })
  return doer(request, { onProgress: paceProgress(sayProgress, systemClock.now), onSource, rate })
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
