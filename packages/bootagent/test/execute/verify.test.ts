import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { verify } from '../../src/execute/steps/verify.ts'
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
