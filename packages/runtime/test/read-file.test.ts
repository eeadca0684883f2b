import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { findFile, readIfThere } from '../src/index.ts'
import { runProgram } from '../src/testing/run-program.ts'

const GIGABYTE = 1024 ** 3

describe('readIfThere', () => {
  test('tells a file that is not there from one that is empty', async () => {
    const directory = await scratch()
    await writeFile(join(directory, 'empty'), '')
    expect(await readIfThere(join(directory, 'absent'))).toBeUndefined()
    expect(await readIfThere(join(directory, 'empty'))).toHaveLength(0)
  })

  test('does not take what cannot be read for what is not there', async () => {
    const directory = await scratch()
    await expect(readIfThere(directory)).rejects.toMatchObject({ code: 'disk-error', cause: { code: 'EISDIR' } })
    await writeFile(join(directory, 'file'), '')
    await expect(readIfThere(join(directory, 'file', 'x'))).rejects.toMatchObject({ code: 'disk-error' })
  })

  test('reads no more than a megabyte into memory', async () => {
    const path = join(await scratch(), 'large')
    await writeFile(path, 'a'.repeat(1024 ** 2))
    expect(await readIfThere(path)).toHaveLength(1024 ** 2)
    await truncate(path, GIGABYTE)
    await expect(readIfThere(path)).rejects.toMatchObject({ code: 'disk-error', message: expect.stringContaining('1073741824') })
  })

  // Opened as files are, a pipe makes its reader wait for a writer that may never come.
  test('waits for no pipe', async () => {
    await expect(readIfThere(await pipe())).rejects.toMatchObject({ code: 'disk-error' })
  })
})

describe('findFile', () => {
  test('tells of a file its bytes, whose it is, and who may do what with it', async () => {
    const path = join(await scratch(), 'file')
    await writeFile(path, 'abc')
    await chmod(path, 0o640)
    const owner = process.geteuid?.()
    expect(await findFile(path, 3)).toEqual({ kind: 'file', owner, mode: 0o640, bytes: Buffer.from('abc') })
  })

  test('tells of a file with more bytes than were asked for how many it has', async () => {
    const path = join(await scratch(), 'large')
    await writeFile(path, '')
    await truncate(path, GIGABYTE)
    expect(await findFile(path, GIGABYTE - 1)).toEqual({ kind: 'large', size: GIGABYTE })
  })

  test('follows no link, and waits for no pipe', async () => {
    const directory = await scratch()
    await symlink('/etc/passwd', join(directory, 'link'))
    await mkdir(join(directory, 'directory'))
    expect(await findFile(join(directory, 'link'), 99)).toEqual({ kind: 'other', what: 'a symbolic link' })
    expect(await findFile(join(directory, 'directory'), 99)).toEqual({ kind: 'other', what: 'a directory' })
    expect(await findFile(await pipe(), 99)).toEqual({ kind: 'other', what: 'no regular file' })
  })

  test('tells what is not there from what cannot be looked at', async () => {
    const directory = await scratch()
    expect(await findFile(join(directory, 'absent'), 99)).toBeUndefined()
    await writeFile(join(directory, 'file'), '')
    await expect(findFile(join(directory, 'file', 'x'), 99)).rejects.toMatchObject({ code: 'disk-error' })
  })
})

/** A pipe that nobody writes. */
async function pipe(): Promise<string> {
  const path = join(await scratch(), 'pipe')
  await runProgram(['mkfifo', path])
  return path
}

async function scratch(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'bootagent-test-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}
