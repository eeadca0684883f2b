import type { Format, PackageRecord, Run } from '@bootagent/protocol'
import { crashPoint } from '@bootagent/runtime'
import { ServerError } from '../errors.ts'
import type { BlobStore, ReceivedBlob } from './blob-store.ts'
import { type PackageKey, recordOf } from './package.ts'
import type { PackageStore } from './package-store.ts'

/** What a publisher says about the bytes that follow. */
export interface PackageOrder extends PackageKey {
  readonly file: string
  readonly format: Format
  readonly run?: Run | undefined
  /** Which BootAgent it needs. */
  readonly bootagent?: string | undefined
  /** What the bytes must hash to, when the publisher knows. */
  readonly sha256?: string | undefined
}

/** What publishing needs of the server. */
export interface PublishingDesk {
  readonly blobs: BlobStore
  readonly transact: <T>(work: (stores: { packages: PackageStore }) => Promise<T>) => Promise<T>
  /** Unix seconds. */
  readonly now: () => number
  readonly maxBytes: number
}

/**
 * Publishes a package: bytes to the disk ▸ checked ▸ under their digest's name ▸ the record. The same bytes again change
 * nothing. Throws ServerError `bad-request`, `too-large`, or `conflict` when the key has other bytes.
 */
export async function publishPackage(
  desk: PublishingDesk,
  order: PackageOrder,
  bytes: AsyncIterable<Uint8Array>,
): Promise<PackageRecord> {
  const blob = await desk.blobs.receive(bytes, desk.maxBytes)
  try {
    refuseWrongBytes(order, blob)
    return await desk.transact(({ packages }) => record(packages, desk, { order, blob }))
  } finally {
    await desk.blobs.discard(blob)
  }
}

function refuseWrongBytes({ sha256 }: PackageOrder, blob: ReceivedBlob): void {
  if (blob.size === 0) throw new ServerError('bad-request', 'the package is empty')
  if (sha256 === undefined || sha256.toLowerCase() === blob.sha256) return
  throw new ServerError('bad-request', `the bytes received have the SHA-256 ${blob.sha256}, not ${sha256}`)
}

async function record(
  packages: PackageStore,
  desk: PublishingDesk,
  { order, blob }: { order: PackageOrder; blob: ReceivedBlob },
): Promise<PackageRecord> {
  const published = await packages.find(order)
  if (published?.sha256 === blob.sha256) return recordOf(published)
  if (published !== undefined) {
    throw new ServerError('conflict', `${describe(order)} is published already with other bytes; give these another version`)
  }
  // The bytes are in place before the record is: whoever can see the record can download it.
  await desk.blobs.keep(blob)
  crashPoint('package:kept')
  const { name, version, os, arch, format, file, run, bootagent } = order
  const entry = {
    name,
    version,
    os,
    arch,
    format,
    file,
    size: blob.size,
    sha256: blob.sha256,
    run,
    bootagent,
    published: desk.now(),
  }
  await packages.add({ ...entry, position: (await packages.lastPosition()) + 1 })
  return entry
}

function describe({ name, version, os, arch }: PackageKey): string {
  return `${name} ${version} for ${os}/${arch}`
}
