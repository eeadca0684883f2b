import { collect } from './collect.ts'
import { type Compression, decompress } from './decompress.ts'
import type { Claims, Meter, PackageEntry, PackageItem } from './package-entry.ts'
import { type ArMember, readAr } from './read-ar.ts'
import { readTar, type TarEntry } from './read-tar.ts'
import { archiveBroken } from './archive-broken.ts'
import { StepError } from '../errors.ts'

/**
 * Reads a Debian package (deb(5)): `debian-binary`, `control.tar.*` and `data.tar.*`, in that order and nothing else. The
 * control archive's entries come too, marked as such: they are judged and named, but never written and never run.
 */
export async function* readDeb(bytes: AsyncIterable<Buffer>, meter: Meter): AsyncGenerator<PackageItem, void> {
  const members = readAr(bytes)
  await readVersion(await nextMember(members, 'debian-binary'))
  for await (const entry of entriesOf(await nextMember(members, 'control.tar'), 'control', meter)) {
    const claims = /^(?:\.\/)?control$/.test(entry.path) ? readControl(await textOf(entry)) : undefined
    yield entry
    if (claims !== undefined) yield { part: 'claims', claims }
  }
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

/** Longer than any control file that was ever seen. */
const LONGEST_CONTROL = 262_144

async function textOf({ body, size }: PackageEntry): Promise<string> {
  if (size > LONGEST_CONTROL) throw archiveBroken(`the package's control file is longer than ${LONGEST_CONTROL} bytes`)
  return (await collect(body)).toString('utf8')
}

/** deb-control(5): a field begins its line, and what goes on in the next lines is indented. */
function readControl(text: string): Claims {
  const [arch, second] = [...text.matchAll(/^Architecture:[ \t]*(\S+)[ \t]*$/gim)].map((found) => found[1])
  if (second !== undefined) throw archiveBroken("the package's control file names two architectures")
  return arch === undefined ? {} : { arch }
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
