import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { makeDirectory, writeFileAtomic } from '../src/index.ts'
import { runProgram } from '../src/testing/run-program.ts'
import { program, scratch } from './program.ts'

const MODE_BITS = 0o777

describe('writeFileAtomic', () => {
  test('makes a file that only its owner can read', async () => {
    const path = join(await scratch(), 'file')
    await writeFileAtomic(path, 'new')
    expect(await readFile(path, 'utf8')).toBe('new')
    expect((await stat(path)).mode & MODE_BITS).toBe(0o600)
  })

  test('gives the file the mode that is asked for, whatever the old one had', async () => {
    const path = join(await scratch(), 'file')
    await writeFile(path, 'old', { mode: 0o666 })
    await writeFileAtomic(path, 'new', { mode: 0o640 })
    expect((await stat(path)).mode & MODE_BITS).toBe(0o640)
  })

  test('replaces a file whole: a shorter one leaves nothing of a longer one, and no copy is left', async () => {
    const directory = await scratch()
    const path = join(directory, 'file')
    await writeFile(path, 'a much longer text')
    await writeFileAtomic(path, Buffer.from([0, 255, 10]))
    expect([...(await readFile(path))]).toEqual([0, 255, 10])
    expect(await readdir(directory)).toEqual(['file'])
  })

  // The old file may be open: whoever reads it goes on reading the old bytes.
  test('puts another file in its place instead of writing into the old one', async () => {
    const path = join(await scratch(), 'file')
    await writeFile(path, 'old')
    const before = await stat(path)
    await writeFileAtomic(path, 'new')
    expect((await stat(path)).ino).not.toBe(before.ino)
  })

  test('takes a leftover of a crash out of its way', async () => {
    const directory = await scratch()
    await writeFile(join(directory, '.file.new'), 'half of what was to')
    await writeFileAtomic(join(directory, 'file'), 'new')
    expect(await readdir(directory)).toEqual(['file'])
  })

  test('does not follow a link planted where its copy is made', async () => {
    const directory = await scratch()
    const victim = join(directory, 'victim')
    await writeFile(victim, 'untouched')
    await symlink(victim, join(directory, '.file.new'))
    await writeFileAtomic(join(directory, 'file'), 'new')
    expect(await readFile(victim, 'utf8')).toBe('untouched')
    expect(await readFile(join(directory, 'file'), 'utf8')).toBe('new')
  })

  test('makes its copy where it is told to', async () => {
    const [directory, via] = [await scratch(), await scratch()]
    // Only the copy's directory is given a leftover: it is taken away there and nowhere else.
    await writeFile(join(via, '.file.new'), 'leftover')
    await writeFileAtomic(join(directory, 'file'), 'new', { via })
    expect([await readdir(directory), await readdir(via)]).toEqual([['file'], []])
  })

  test('says clearly that the file and its copy are on two mounts, and leaves the old file', async ({ skip }) => {
    const directory = await scratch(fileURLToPath(new URL('.', import.meta.url)))
    const via = await scratch('/dev/shm')
    skip((await stat(directory)).dev === (await stat(via)).dev, '/dev/shm and the checkout are one mount here')
    const path = join(directory, 'file')
    await writeFile(path, 'old')
    await expect(writeFileAtomic(path, 'new', { via })).rejects.toMatchObject({ code: 'other-mount', cause: { code: 'EXDEV' } })
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await readdir(via)).toEqual([])
  })

  test('keeps the cause when the directory is not there', async () => {
    const path = join(await scratch(), 'no such', 'file')
    await expect(writeFileAtomic(path, 'new')).rejects.toMatchObject({ code: 'disk-error', cause: { code: 'ENOENT' } })
  })

  // Mounting needs root, and a mount namespace of its own so that nobody else sees the tiny disk.
  test.skipIf(process.getuid?.() !== 0)('on a full disk says so, leaves the old file and no copy', async () => {
    const disk = await scratch()
    const [node, script] = program('replace-file')
    const ending = await runProgram(['unshare', '-m', 'sh', '-ec', FULL_DISK, disk, node, script ?? ''])
    expect(ending.stderr).toBe('')
    expect(ending.stdout.split('\n')).toEqual(['written', 'disk-full', 'xxx', 'file', ''])
  })

  // Three bytes fit on the disk of 64 KiB, a million do not.
  const FULL_DISK = `
    mount -t tmpfs -o size=64k none "$0"
    "$1" "$2" "$0/file" 3
    "$1" "$2" "$0/file" 1000000
    cat "$0/file"; echo
    ls -A "$0"`

  test('says that a name has no room for the name of its copy', async () => {
    await expect(writeFileAtomic(join(await scratch(), 'x'.repeat(255)), 'new')).rejects.toMatchObject({
      cause: { code: 'ENAMETOOLONG' },
    })
  })

  test.each([
    { at: 'the fsync of the copy', inject: 'fsync:signal=KILL:when=1', holds: 'old', copies: ['.file.new'] },
    { at: 'the rename', inject: 'rename,renameat,renameat2:signal=KILL:when=1', holds: 'old', copies: ['.file.new'] },
    { at: 'the fsync of the directory', inject: 'fsync:signal=KILL:when=2', holds: 'xxx', copies: [] },
  ])('killed at $at, it leaves "$holds" whole, and the next write is not in its way', async ({ inject, holds, copies }) => {
    const directory = await scratch()
    const path = join(directory, 'file')
    await writeFile(path, 'old')
    const ending = await runProgram(
      ['strace', '-f', '-o', '/dev/null', '-e', `inject=${inject}`, ...program('replace-file', path, '3')],
      ONE_THREAD,
    )
    expect(ending).toMatchObject({ signal: 'SIGKILL', stdout: '' })
    expect(await readFile(path, 'utf8')).toBe(holds)
    expect(await readdir(directory)).toEqual([...copies, 'file'])
    await writeFileAtomic(path, 'next')
    expect(await readdir(directory)).toEqual(['file'])
  })

  test('puts the bytes on the disk before the name, and the name before it returns', async () => {
    const directory = await scratch()
    const path = join(directory, 'file')
    expect(await diskCalls(program('replace-file', path, '3'), directory)).toEqual([
      'open .file.new',
      'write .file.new',
      'fsync .file.new',
      'rename .file.new',
      'open .',
      'fsync .',
    ])
  })
})

/** strace counts calls by thread, and Node does its disk work on four. */
const ONE_THREAD = { UV_THREADPOOL_SIZE: '1' }

/** What a program does, in order, to names under the directory. */
async function diskCalls(command: readonly string[], directory: string): Promise<string[]> {
  const trace = join(await scratch(), 'trace')
  await runProgram(
    ['strace', '-f', '-y', '-o', trace, '-e', 'trace=openat,write,pwrite64,fsync,rename,renameat,renameat2', ...command],
    ONE_THREAD,
  )
  const lines = (await readFile(trace, 'utf8')).split('\n').filter((line) => line.includes(directory))
  return lines.flatMap((line) => {
    const call = /^\d+ +p?(open|write|fsync|rename)/.exec(line)?.[1]
    const name = /^\/?([^">]*)/.exec(line.split(directory)[1] ?? '')?.[1]
    return call === undefined ? [] : [`${call} ${name === '' ? '.' : name}`]
  })
}

describe('makeDirectory', () => {
  test('makes the parents too, for the owner alone', async () => {
    const path = join(await scratch(), 'a', 'b')
    await makeDirectory(path)
    expect((await stat(path)).mode & MODE_BITS).toBe(0o700)
  })

  test.each(['a/b/', 'a//b', './a/../a/b', 'a/b'])('makes %j, however it is written', async (written) => {
    const directory = await scratch()
    await makeDirectory(`${directory}/${written}`)
    expect((await stat(join(directory, 'a', 'b'))).isDirectory()).toBe(true)
  })

  // Made by Node's own recursion it would be a file that is not there.
  test('says that there is no quota left where there is none', async () => {
    const directory = await scratch()
    const inject = ['strace', '-f', '-o', '/dev/null', '-e', 'inject=mkdir,mkdirat:error=EDQUOT', '-P', `${directory}/a`] as const
    const { stderr } = await runProgram([...inject, ...program('make-directory', `${directory}/a/b`)])
    expect(stderr).toContain(`making ${directory}/a/b: no room left on the disk (EDQUOT)`)
  })

  // A directory's name is in its parent, and the parent's in its own: after a power cut each must be found.
  test.each(['a/b/c', './a//b/c/'])(
    'has %j on the disk before it returns, from the innermost name to the first that was there',
    async (written) => {
      const directory = await scratch()
      const calls = await diskCalls(
        ['sh', '-c', 'cd "$0" && exec "$@"', directory, ...program('make-directory', written)],
        directory,
      )
      expect(calls.filter((call) => call.startsWith('fsync'))).toEqual(['fsync a/b', 'fsync a', 'fsync .'])
    },
  )

  test('leaves a directory that is there as it is', async () => {
    const path = join(await scratch(), 'a')
    await mkdir(path)
    await chmod(path, 0o755)
    await makeDirectory(path)
    expect((await stat(path)).mode & MODE_BITS).toBe(0o755)
  })

  test('does not take a file for a directory', async () => {
    const path = join(await scratch(), 'a')
    await writeFile(path, '')
    await expect(makeDirectory(path)).rejects.toMatchObject({ code: 'disk-error', cause: { code: 'EEXIST' } })
  })
})
