import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { expect, onTestFinished, test } from 'vitest'
import { makeRoom } from '../../src/execute/room.ts'
import { type Paths, pathsOf } from '../../src/state/paths.ts'
import { RESERVE } from '../../src/state/reserve.ts'
import { exampleJob, exampleMetafile } from '../scenes/example-metafile.ts'

const MB = 1024 ** 2
const [FIRST, SECOND] = ['a'.repeat(64), 'b'.repeat(64)]

/** A home on a disk of its own: 30 MB more than the reserve, with two packages of 10 MB in it. */
function makeSmallHome(): Paths {
  const home = mkdtempSync(join(tmpdir(), 'bootagent-room-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${RESERVE + 30 * MB}`, 'tmpfs', home])
  onTestFinished(() => {
    execFileSync('umount', [home])
    rmdirSync(home)
  })
  const paths = pathsOf(home, `${home}/run`)
  mkdirSync(paths.packages)
  for (const [index, digest] of [FIRST, SECOND].entries()) {
    writeFileSync(`${paths.packages}/${digest}`, Buffer.alloc(10 * MB))
    utimesSync(`${paths.packages}/${digest}`, index, index)
  }
  return paths
}

const packagesIn = (paths: Paths) => readdirSync(paths.packages).toSorted()

// Mounting takes root.
test.runIf(process.geteuid?.() === 0)(
  'packages that nobody needs make room, no more of them than it takes, and then it is refused',
  async () => {
    const paths = makeSmallHome()
    await makeRoom(paths, exampleMetafile(), 5 * MB)
    expect(packagesIn(paths)).toEqual([FIRST, SECOND])
    await makeRoom(paths, exampleMetafile(), 15 * MB)
    expect(packagesIn(paths)).toEqual([SECOND])
    await expect(makeRoom(paths, exampleMetafile(), 40 * MB)).rejects.toMatchObject({ code: 'disk-full' })
  },
)

test.runIf(process.geteuid?.() === 0)('what a job waits for is never given up for room', async () => {
  const paths = makeSmallHome()
  const job = { id: 'j-1', action: 'install', name: 'metrics', checksum: `SHA256:${FIRST}` }
  const metafile = exampleMetafile({ jobs: { one: exampleJob({ job }) } })
  await expect(makeRoom(paths, metafile, 25 * MB)).rejects.toMatchObject({
    code: 'disk-full',
    message: expect.stringContaining('kept in reserve'),
  })
  expect(packagesIn(paths)).toEqual([FIRST])
})
