import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { expect, onTestFinished, test } from 'vitest'
import { execute } from '../../src/execute/execute.ts'
import { RESERVE } from '../../src/state/reserve.ts'
import { verify } from '../../src/execute/steps/verify.ts'
import type { Work } from '../../src/execute/tools.ts'
import type { Paths } from '../../src/state/paths.ts'
import { file, targz } from '../worker/corpus/tar-blocks.ts'
import { serve } from '../worker/servers.ts'
import { sha256 } from '../worker/workplace.ts'
import { workOf } from './work-of.ts'

const PACKAGE = targz(file('program'))
const DIGEST = sha256(PACKAGE)

async function servePackage(bytes = PACKAGE): Promise<{ url: string; asked: () => number }> {
  let asked = 0
  const url = await serve((_, response) => {
    asked += 1
    response.end(bytes)
  })
  return { url, asked: () => asked }
}

test('a package that is here is used without asking anybody, and that it was used is noted', async () => {
  const { work, paths } = workOf()
  const { url, asked } = await servePackage()
  const path = `${paths.packages}/${DIGEST}`
  writeFileSync(path, PACKAGE)
  utimesSync(path, 1, 1)
  await verify({ digest: DIGEST, format: 'tar.gz', source: { url, digest: DIGEST } }, work)
  expect(work.findings.package?.entries).toBe(1)
  expect(asked()).toBe(0)
  expect(statSync(path).mtimeMs).toBeGreaterThan(1000)
})

// Otherwise no job could ever use that package on this host again.
test('a package that has gone bad on the disk is fetched anew', async () => {
  const { work, paths } = workOf()
  const { url, asked } = await servePackage()
  const rotten = Buffer.from(PACKAGE)
  rotten[20] = (rotten[20] ?? 0) ^ 1
  writeFileSync(`${paths.packages}/${DIGEST}`, rotten)
  await verify({ digest: DIGEST, format: 'tar.gz', source: { url, digest: DIGEST } }, work)
  expect(work.findings.package?.entries).toBe(1)
  expect(readFileSync(`${paths.packages}/${DIGEST}`).equals(PACKAGE)).toBe(true)
  expect(asked()).toBe(1)
})

async function verifyHere(paths: Paths, work: Work): Promise<void> {
  writeFileSync(`${paths.packages}/${DIGEST}`, PACKAGE)
  const { url } = await servePackage()
  await verify({ digest: DIGEST, format: 'tar.gz', source: { url, digest: DIGEST } }, work)
}

test('where the disk has room for whatever may come out, the package is unpacked and sealed on the way', async () => {
  const { work, paths } = workOf()
  await verifyHere(paths, work)
  const unpacked = work.findings.unpacked?.directory ?? ''
  expect(readFileSync(`${unpacked}/program`, 'utf8')).toBe('x')
  expect(statSync(`${unpacked}/program`)).toMatchObject({ uid: process.getuid?.(), mode: 0o100_644 })
})

// The directory is nobody's but that job's: its next step is the only one that may take it.
test('what was unpacked on the way is gone when the steps end and nobody took it', async () => {
  const { work, paths } = workOf()
  writeFileSync(`${paths.packages}/${DIGEST}`, PACKAGE)
  const step = { kind: 'verify', digest: DIGEST, format: 'tar.gz', source: { url: 'http://127.0.0.1/', digest: DIGEST } } as const
  expect(await execute([step], work, () => undefined)).toEqual({ kind: 'done', seen: { scripts: [] } })
  expect(work.findings.unpacked).toBeDefined()
  expect(readdirSync(paths.tmp)).toEqual([])
})

test('a package that is refused on the way leaves nothing', async () => {
  const { work, paths } = workOf()
  const bad = targz(file('good'), file('../bad'))
  const digest = sha256(bad)
  writeFileSync(`${paths.packages}/${digest}`, bad)
  const refused = verify({ digest, format: 'tar.gz', source: { url: 'http://127.0.0.1/', digest } }, work)
  await expect(refused).rejects.toMatchObject({ reason: 'archive-unsafe' })
  expect(readdirSync(paths.tmp)).toEqual([])
})

test.skipIf(process.getuid?.() !== 0)('where it has not, the package is only inspected', async () => {
  const { work, paths } = workOf()
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${RESERVE + 5_000_000}`, 'tmpfs', paths.home])
  onTestFinished(() => void execFileSync('umount', [paths.home]))
  for (const directory of [paths.tmp, paths.packages]) mkdirSync(directory, { mode: 0o711 })
  await verifyHere(paths, work)
  expect(work.findings).toMatchObject({ package: { entries: 1 } })
  expect(work.findings.unpacked).toBeUndefined()
})

// A34: the name of a package that was taken over may be made to lead elsewhere only by root; and even then nothing is read.
test('a link in the place of a package that was taken over is not followed', async () => {
  const { work, paths } = workOf()
  writeFileSync(`${paths.home}/elsewhere`, PACKAGE)
  symlinkSync('../elsewhere', `${paths.packages}/${DIGEST}`)
  const verified = verify({ digest: DIGEST, format: 'tar.gz', source: { url: 'http://127.0.0.1/', digest: DIGEST } }, work)
  await expect(verified).rejects.toThrow('ELOOP')
  expect(work.findings).toEqual({})
})
