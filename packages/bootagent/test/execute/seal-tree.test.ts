import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, linkSync, lstatSync, mkdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sealTree } from '../../src/execute/seal-tree.ts'
import { scratch } from '../state/scratch-home.ts'

const ROOT = process.getuid?.() === 0
/** Some user who is not root, as the worker is. */
const NOBODY = 65_534

/** A directory as a worker leaves it: `bin/metrics`, and what a test adds. */
function tree(): string {
  const root = join(scratch(), 'tree')
  mkdirSync(join(root, 'bin'), { recursive: true })
  writeFileSync(join(root, 'bin/metrics'), '#!/bin/sh\n', { mode: 0o700 })
  return root
}

function modeOf(path: string): string {
  return (lstatSync(path).mode & 0o7777).toString(8)
}

describe('a tree that is sealed', () => {
  test('can be read and run by anyone, and changed by its owner alone', async () => {
    const root = tree()
    for (const [name, mode] of Object.entries({ writable: 0o666, secret: 0o600, program: 0o777, 'run-by-all-but-me': 0o655 })) {
      writeFileSync(join(root, name), '')
      chmodSync(join(root, name), mode)
    }
    chmodSync(join(root, 'bin'), 0o777)
    await sealTree(root)
    const names = ['.', 'bin', 'bin/metrics', 'writable', 'secret', 'program', 'run-by-all-but-me']
    expect(names.map((name) => `${modeOf(join(root, name))} ${name}`)).toEqual([
      '755 .',
      '755 bin',
      '755 bin/metrics',
      '644 writable',
      '644 secret',
      '755 program',
      '644 run-by-all-but-me',
    ])
  })

  test.each([0o4755, 0o2755, 0o1755, 0o6777])('has nothing left that runs as somebody else: mode %o', async (mode) => {
    const root = tree()
    chmodSync(join(root, 'bin/metrics'), mode)
    chmodSync(join(root, 'bin'), mode)
    await sealTree(root)
    expect([modeOf(join(root, 'bin/metrics')), modeOf(join(root, 'bin'))]).toEqual(['755', '755'])
  })

  test.skipIf(!ROOT)('is root’s, to the last link', async () => {
    const root = tree()
    symlinkSync('bin/metrics', join(root, 'link'))
    execFileSync('chown', ['-hR', `${NOBODY}:${NOBODY}`, root])
    await sealTree(root)
    const owners = ['.', 'bin', 'bin/metrics', 'link']
      .map((name) => lstatSync(join(root, name)))
      .map(({ uid, gid }) => [uid, gid])
    expect(owners).toEqual(Array.from({ length: 4 }, () => [0, 0]))
  })

  test('has its links as they were', async () => {
    const root = tree()
    symlinkSync('nowhere', join(root, 'dangling'))
    symlinkSync('.', join(root, 'round'))
    symlinkSync('../round/bin', join(root, 'bin/through'))
    await sealTree(root)
    expect(['dangling', 'round', 'bin/through'].map((name) => readlinkSync(join(root, name)))).toEqual([
      'nowhere',
      '.',
      '../round/bin',
    ])
  })
})

describe('a tree is refused that holds', () => {
  const UNSAFE = (why: string) => expect.objectContaining({ reason: 'archive-unsafe', message: expect.stringContaining(why) })

  // The worker has judged where links lead: one that leads out was made by a worker that was taken over, or by somebody else.
  test.each([
    ['to an absolute path', (outside: string) => outside, 'outside is a symbolic link that leads to an absolute path'],
    ['out of it', () => '../outside', 'outside is a symbolic link that leads out'],
    ['out of it by another link', () => 'bin/up/../../outside', 'outside is a symbolic link that leads out'],
  ])('a link that leads %s, and what it leads to is not touched', async (_, target, why) => {
    const root = tree()
    const outside = join(scratch(), 'outside')
    writeFileSync(outside, '')
    chmodSync(outside, 0o666)
    if (ROOT) chownSync(outside, NOBODY, NOBODY)
    symlinkSync('../bin', join(root, 'bin/up'))
    symlinkSync(target(outside), join(root, 'outside'))
    await expect(sealTree(root)).rejects.toEqual(UNSAFE(why))
    expect([modeOf(outside), lstatSync(outside).uid]).toEqual(['666', ROOT ? NOBODY : process.getuid?.()])
  })

  test('a file with a second name, which whoever has the other could change', async () => {
    const root = tree()
    linkSync(join(root, 'bin/metrics'), join(scratch(), 'the other name'))
    await expect(sealTree(root)).rejects.toEqual(UNSAFE('has a second name'))
  })

  test('a pipe', async () => {
    const root = tree()
    execFileSync('mkfifo', [join(root, 'bin/pipe')])
    await expect(sealTree(root)).rejects.toEqual(UNSAFE('bin/pipe is neither a file'))
  })

  test('a socket', async () => {
    const root = tree()
    const server = createServer().listen(join(root, 'socket'))
    onTestFinished(() => void server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    await expect(sealTree(root)).rejects.toEqual(UNSAFE('socket is neither a file'))
  })

  test.skipIf(!ROOT)('a device', async ({ skip }) => {
    const root = tree()
    const made = tryMakeDevice(join(root, 'null'))
    skip(!made, 'this root may make no devices')
    await expect(sealTree(root)).rejects.toEqual(UNSAFE('null is neither a file'))
  })
})

test('a tree that is not there is a fault of the disk', async () => {
  await expect(sealTree(join(scratch(), 'gone'))).rejects.toMatchObject({ code: 'disk-error' })
})

/** False in a container that is not given the right. */
function tryMakeDevice(path: string): boolean {
  try {
    execFileSync('mknod', [path, 'c', '1', '3'], { stdio: 'pipe' })
    return true
  } catch (error) {
    if ((error as { status?: unknown }).status === 1) return false
    throw error
  }
}
