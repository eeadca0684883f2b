import type { Format, Reason } from '@bootagent/protocol'
import { type Compression, decompress } from './decompress.ts'
import { createJudge, type KeptEntry, type Refusal } from './judge-entry.ts'
import type { Claims, Meter, PackageEntry, PackageItem } from './package-entry.ts'
import { readDeb } from './read-deb.ts'
import { quote } from './quote.ts'
import { readRpm } from './read-rpm.ts'
import { readTar } from './read-tar.ts'
import { readZip } from './read-zip.ts'
import { inflationFault, type UnpackLimits } from './unpack-limits.ts'
import { StepError } from '../errors.ts'

/** An entry that passed, with its bytes until the next one is asked for. */
export interface JudgedEntry {
  readonly part: PackageEntry['part']
  readonly kept: KeptEntry
  readonly body: AsyncIterable<Buffer>
}

/** What is read, and what it may cost. */
export interface PackageSource {
  readonly format: Format
  readonly bytes: AsyncIterable<Buffer>
  /** Their number. */
  readonly packed: number
  /** Some of them at any place, for a kind of archive that has its directory at its end; throws when they are not there. */
  readAt(position: number, length: number): Promise<Buffer>
  readonly limits: UnpackLimits
}

/** What the payload came to, and what the package says of itself. */
export interface PackageSum {
  readonly entries: number
  readonly bytes: number
  readonly claims: Claims
}

/**
 * Reads a package to its last byte and shows `visit`, one after the other, the entries that passed; throws StepError at
 * the first that did not. What only the end can show, where links lead, is known when this has resolved and not before.
 */
export async function readPackage(source: PackageSource, visit: (entry: JudgedEntry) => Promise<void>): Promise<PackageSum> {
  const reroot = WRITTEN_FOR_ROOT.includes(source.format)
  let claims: Claims = {}
  const judges = { control: createJudge({ ...source, reroot }), payload: createJudge({ ...source, reroot }) }
  let last: PackageEntry | undefined
  try {
    for await (const entry of READERS[source.format](source, meterOf(source))) {
      if (entry.part === 'claims') {
        claims = entry.claims
        continue
      }
      last = entry
      const verdict = judges[entry.part].judge(entry)
      if (verdict.verdict === 'refused') throw refused(verdict)
      await visit({ part: entry.part, kept: verdict.entry, body: entry.body })
    }
  } catch (error) {
    throw placed(error, last)
  }
  for (const judge of Object.values(judges)) {
    const refusal = judge.finish()
    if (refusal !== undefined) throw refused(refusal)
  }
  return { ...judges.payload.sum, claims }
}

/** Their payloads name places on the host. */
const WRITTEN_FOR_ROOT: readonly Format[] = ['deb', 'rpm']

type Reader = (source: PackageSource, meter: Meter) => AsyncGenerator<PackageItem, void>

const READERS: Readonly<Record<Format, Reader>> = {
  tar: tarReader('none'),
  'tar.gz': tarReader('gz'),
  'tar.xz': tarReader('xz'),
  'tar.zst': tarReader('zst'),
  zip: (source, meter) => readZip(source, meter, source.limits.maxEntries),
  deb: ({ bytes }, meter) => readDeb(bytes, meter),
  rpm: ({ bytes }, meter) => readRpm(bytes, meter),
}

function tarReader(compression: Compression): Reader {
  return async function* readTarball({ bytes }, meter) {
    for await (const entry of readTar(meter(decompress(compression, bytes)))) yield { ...entry, part: 'payload' }
  }
}

/** The judge counts what entries say; this counts what comes out of all decompressors of the package, headers and padding included. */
function meterOf(source: PackageSource): Meter {
  let count = 0
  return async function* meter(unpacked) {
    for await (const piece of unpacked) {
      count += piece.length
      const fault = inflationFault(count, source.packed, source.limits)
      if (fault !== undefined) throw new StepError('archive-too-large', `the package ${fault}`)
      yield piece
    }
  }
}

/** The reasons that speak of a place in the archive. */
const PLACED: readonly Reason[] = ['archive-broken', 'archive-unsafe', 'archive-too-large']

/** Whoever has to mend the package must find the place: a fault of the archive's form names the entry before it. */
function placed(error: unknown, last: PackageEntry | undefined): unknown {
  if (!(error instanceof StepError) || !PLACED.includes(error.reason)) return error
  const where = last === undefined ? 'no entry was read before it' : `the last entry read is ${quote(last.path)}`
  const named = last !== undefined && error.message.includes(quote(last.path))
  return named ? error : new StepError(error.reason, `${error.message}; ${where}`, error.cause)
}

function refused({ reason, message }: Refusal): StepError {
  return new StepError(reason, message)
}
