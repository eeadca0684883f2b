import process from 'node:process'
import { createInterface } from 'node:readline'
import { diskError, RuntimeError, systemClock } from '@bootagent/runtime'
import * as v from 'valibot'
import { download } from './download.ts'
import { dropPrivileges } from './drop-privileges.ts'
import { inspect } from './inspect.ts'
import { type OnProgress, paceProgress } from './pace.ts'
import { type RequestKind, type RequestOf, type WorkerMessage, WorkerRequest, type WorkerResult } from './request.ts'
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
    const request = await readRequest()
    endWithDaemon()
    return { kind: 'done', result: await carryOut(request) }
  } catch (error) {
    return failureOf(error)
  }
}

type Doers = { readonly [K in RequestKind]: (request: RequestOf<K>, onProgress: OnProgress) => Promise<WorkerResult<K>> }

const DOERS: Doers = { download, inspect, unpack }

function carryOut(request: WorkerRequest): Promise<WorkerResult> {
  const doer = DOERS[request.kind] as (request: WorkerRequest, onProgress: OnProgress) => Promise<WorkerResult>
  return doer(request, paceProgress(sayProgress, systemClock.now))
}

async function readRequest(): Promise<WorkerRequest> {
  for await (const line of createInterface({ input: process.stdin })) {
    const reading = v.safeParse(WorkerRequest, JSON.parse(line))
    if (reading.success) return reading.output
    const [issue] = reading.issues
    throw new StepError(
      'internal',
      `the worker was asked for something else than it does: ${v.getDotPath(issue) ?? ''} ${issue.message}`,
    )
  }
  throw new StepError('internal', 'the worker was asked for nothing')
}

/** Standard input stays open as long as the daemon lives: a worker whose daemon was killed has nobody to work for. */
function endWithDaemon(): void {
  process.stdin.once('end', () => process.exit(1)).resume()
}

const sayProgress: OnProgress = (done, total) => {
  void say({ kind: 'progress', done, ...(total === undefined ? {} : { total }) })
}

function say(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${JSON.stringify(message)}\n`, () => resolve()))
}

function failureOf(error: unknown): WorkerMessage {
  if (error instanceof StepError) return { kind: 'failed', reason: error.reason, message: error.message }
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
