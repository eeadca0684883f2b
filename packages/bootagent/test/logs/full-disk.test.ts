import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { filesOf, rotateOnce } from './log-place.ts'

const SETTINGS = { total: 4 * 64 * 1024, files: 4 }

/** A log directory on a disk of 256 KB, with a log that is full, and room for no more than `free` bytes. */
function makeFullDisk(free: number): string {
  const directory = mountSmall()
  onTestFinished(() => unmount(directory))
  writeFileSync(`${directory}/output.log`, Buffer.alloc(60 * 1024, 'x'))
  writeFileSync(`${directory}/output.log.1`, 'older')
  const { bavail, bsize } = statfsSync(directory)
  writeFileSync(`${directory}/somebody-elses`, Buffer.alloc(bavail * bsize - free))
  return directory
}

function mountSmall(): string {
  const directory = mkdtempSync(join(tmpdir(), 'bootagent-logs-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', directory], { stdio: 'ignore' })
    return directory
  } catch (error) {
    rmdirSync(directory)
    throw error
  }
}

function unmount(directory: string): void {
  execFileSync('umount', [directory])
  rmdirSync(directory)
}

/** Mounting takes root, and a container may forbid it even then. */
function canMount(): boolean {
  try {
    unmount(mountSmall())
    return true
  } catch (error) {
    if ((error as { status?: number }).status === undefined) throw error
    return false
  }
}

// C8, F8: a log that is kept on a disk without room would take the room from the metafile as soon as there is some.
test.runIf(canMount()).each([
  ['for nothing', 0],
  ['for a part', 16 * 1024],
])('with room %s, nothing is copied, the log is emptied, and every byte of it is counted', async (_, free) => {
  const directory = makeFullDisk(free)
  expect(await rotateOnce(directory, SETTINGS)).toEqual([{ bytes: 60 * 1024, why: 'disk-full' }])
  expect(filesOf(directory)).toMatchObject({ 'output.log': '', 'output.log.1': 'older' })
  expect(Object.keys(filesOf(directory))).not.toContain('output.log.new')
  expect(statSync(directory).isDirectory()).toBe(true)
})

test.runIf(canMount())('with room again, the next rotation is an ordinary one', async () => {
  const directory = makeFullDisk(0)
  await rotateOnce(directory, SETTINGS)
  writeFileSync(`${directory}/somebody-elses`, '')
  writeFileSync(`${directory}/output.log`, Buffer.alloc(60 * 1024, 'y'))
  expect(await rotateOnce(directory, SETTINGS)).toEqual([])
  expect(filesOf(directory)).toMatchObject({ 'output.log': '', 'output.log.1': 'y'.repeat(60 * 1024), 'output.log.2': 'older' })
})
