import { closeSync, constants, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { RequestOf, WorkerResult } from '../../src/worker/request.ts'
import { runInWorker, type WorkerSettings } from '../../src/worker/spawn-worker.ts'
import { makeWorkplace, sha256, type Workplace } from './workplace.ts'

/** What every test fetches, unless it says otherwise. */
export const BYTES = Buffer.alloc(200_000, 'package ')

/** Limits that no test runs into without asking for it. */
export const PATIENT = {
  maxBytes: 1_000_000,
  reserve: 0,
  tls: {},
  proxies: {},
  connectTimeout: 5000,
  idleTimeout: 20_000,
  totalTimeout: 30_000,
}

export type Fetching = Partial<RequestOf<'download'>> & { place?: Workplace; settings?: Partial<WorkerSettings> }

/** Has a real worker fetch `BYTES`, or what `options` says, into the part file of its place. */
export function fetchWith(
  url: string,
  { place = makeWorkplace(), settings, ...options }: Fetching = {},
): Promise<WorkerResult<'download'>> {
  const request = { kind: 'download', url, digest: sha256(BYTES), ...PATIENT, ...options } as const
  return runInWorker<'download'>(request, place.settings({ packageFd: openPartOf(place), ...settings }))
}

/** A rate that does not change; bytes a second. */
export function atMost(perSecond: number): NonNullable<WorkerSettings['rate']> {
  return (apply) => {
    apply(perSecond)
    return () => undefined
  }
}

/** Opened as the daemon does: nobody else's to open, and the worker is handed the descriptor. */
export function openPartOf(place: Workplace): number {
  const fd = openSync(partPath(place), constants.O_RDWR | constants.O_CREAT, 0o600)
  onTestFinished(() => closeSync(fd))
  return fd
}

/** What an earlier try has left. */
export function leavePart(place: Workplace, bytes: Buffer): void {
  writeFileSync(partPath(place), bytes, { mode: 0o600 })
}

export function readPart(place: Workplace): Buffer {
  return readFileSync(partPath(place))
}

function partPath(place: Workplace): string {
  return join(place.home, 'part')
}
