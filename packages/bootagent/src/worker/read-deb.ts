import { type Compression, decompress } from './decompress.ts'
import type { Meter, PackageEntry } from './package-entry.ts'
import { type ArMember, readAr } from './read-ar.ts'
import { readTar, type TarEntry } from './read-tar.ts'
import { archiveBroken } from './archive-broken.ts'
import { StepError } from '../errors.ts'

/**
 * Reads a Debian package (deb(5)): `debian-binary`, `control.tar.*` and `data.tar.*`, in that order and nothing else. The
 * control archive's entries come too, marked as such: they are judged and named, but never written and never run.
 */
export async function* readDeb(bytes: AsyncIterable<Buffer>, meter: Meter): AsyncGenerator<PackageEntry, void> {
  const members = readAr(bytes)
  await readVersion(await nextMember(members, 'debian-binary'))
  yield* entriesOf(await nextMember(members, 'control.tar'), 'control', meter)
  yield* entriesOf(await nextMember(members, 'data.tar'), 'payload', meter)
  const { value: further } = await members.next()
  if (further !== undefined) throw archiveBroken(`the package has a member too many, ${further.name}`)
}

async function nextMember(members: AsyncGenerator<ArMember, void>, wanted: string): Promise<ArMember> {
  const { value: member } = await members.next()
  if (member === undefined) throw archiveBroken(`the package has no ${wanted}`)
  if (member.name !== wanted && !member.name.startsWith(`${wanted}.`)) {
    throw archiveBroken(`the package has ${member.name} where ${wanted} belongs`)
  }
  return member
}

async function readVersion(member: ArMember): Promise<void> {
  const pieces: Buffer[] = []
  for await (const piece of member.body) if (pieces.length < 2) pieces.push(piece)
  const version = Buffer.concat(pieces).toString('latin1')
  if (!/^2\.\d+\n/.test(version)) throw new StepError('archive-unknown', 'the package is of another Debian format than 2')
}

async function* entriesOf(member: ArMember, part: PackageEntry['part'], meter: Meter): AsyncGenerator<PackageEntry, void> {
  const entries: AsyncIterable<TarEntry> = readTar(meter(decompress(compressionOf(member.name), member.body)))
  for await (const entry of entries) yield { ...entry, part }
}

const COMPRESSIONS: Readonly<Record<string, Compression>> = { tar: 'none', gz: 'gz', xz: 'xz', zst: 'zst' }

function compressionOf(name: string): Compression {
  const ending = name.slice(name.lastIndexOf('.') + 1)
  const known = COMPRESSIONS[ending]
  if (known === undefined) throw new StepError('archive-unknown', `the package's ${name} is packed in a way that is not read`)
  return known
}
