import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openPartFile, type PartFile } from '../../src/execute/package-store.ts'
import { type Paths, pathsOf } from '../../src/state/paths.ts'

const DIGEST = 'a'.repeat(64)
const SOURCE = 'download http://packages.example/package'

function makePaths(): Paths {
  const home = mkdtempSync(join(tmpdir(), 'bootagent-store-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const paths = pathsOf(home, `${home}/run`)
  mkdirSync(paths.packages)
  return paths
}

async function openPart(paths: Paths, source = SOURCE): Promise<PartFile> {
  const part = await openPartFile(paths, DIGEST, source)
  onTestFinished(() => part.close())
  return part
}

test('what has come of a package is there when it is opened again, with what its source said of it', async () => {
  const paths = makePaths()
  const part = await openPart(paths)
  writeFileSync(part.fd, 'half')
  await part.noteSource('"one"')
  const again = await openPart(paths)
  expect([await again.size(), again.validator]).toEqual([4, '"one"'])
  expect((await openPart(paths, 'download http://elsewhere.example/package')).validator).toBeUndefined()
})

// Lost or half written, it costs a download at worst.
test.each(['', '{', 'null', '[]', '{"source":1}'])('a note that reads %j says nothing', async (text) => {
  const paths = makePaths()
  writeFileSync(`${paths.packages}/${DIGEST}.source`, text)
  expect((await openPart(paths)).validator).toBeUndefined()
})

test('taken, it is a package that nobody writes to, and nothing is left beside it', async () => {
  const paths = makePaths()
  const part = await openPart(paths)
  writeFileSync(part.fd, 'whole')
  await part.noteSource('"one"')
  await part.take()
  expect(readdirSync(paths.packages)).toEqual([DIGEST])
  expect(readFileSync(`${paths.packages}/${DIGEST}`, 'utf8')).toBe('whole')
  expect(lstatSync(`${paths.packages}/${DIGEST}`).mode & 0o777).toBe(0o400)
})

test('scratched, nothing of it is left, and nothing of what was said', async () => {
  const paths = makePaths()
  const part = await openPart(paths)
  writeFileSync(part.fd, 'wrong')
  await part.noteSource('"one"')
  await part.scratch()
  expect([await part.size(), part.validator, (await openPart(paths)).validator]).toEqual([0, undefined, undefined])
})

// Whoever planted it would have another file filled, with root's rights.
test('a link in the place of a package that is on its way is not followed', async () => {
  const paths = makePaths()
  const victim = join(paths.home, 'victim')
  writeFileSync(victim, 'mine')
  symlinkSync(victim, `${paths.packages}/${DIGEST}.part`)
  await expect(openPart(paths)).rejects.toMatchObject({ code: 'disk-error' })
  expect(readFileSync(victim, 'utf8')).toBe('mine')
})

test('a directory in its place is a clear failure', async () => {
  const paths = makePaths()
  mkdirSync(`${paths.packages}/${DIGEST}.part`)
  await expect(openPart(paths)).rejects.toThrow(`${DIGEST}.part`)
})
