import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { runProgram } from '@bootagent/runtime/testing'
import { describe, expect, test } from 'vitest'
import { openHome } from '../../src/local/open-home.ts'
import { pathsOf } from '../../src/state/paths.ts'
import { program } from '../state/program.ts'
import { scratch } from '../state/scratch-home.ts'

const ROOT = process.getuid?.() === 0
const NOBODY = 65_534

function modeOf(path: string): number {
  return statSync(path).mode & 0o777
}

test('a home is made with all its directories, for its owner alone', async () => {
  const paths = pathsOf(join(scratch(), 'some/where'), join(scratch(), 'run'))
  await openHome(paths)
  expect(readdirSync(paths.home).sort()).toEqual(['agents', 'packages', 'tmp'])
  expect([paths.home, paths.run, paths.tmp, paths.attempts].map(modeOf)).toEqual([0o700, 0o700, 0o700, 0o700])
})

test('a home that is there keeps what is in it, and is closed to others', async () => {
  const home = scratch()
  writeFileSync(join(home, 'metafile.json'), 'mine')
  chmodSync(home, 0o755)
  await openHome(pathsOf(home, join(home, 'run')))
  expect([readdirSync(home).includes('metafile.json'), modeOf(home)]).toEqual([true, 0o700])
})

// An agent with a user of its own goes on running while we are replaced, and needs its way to its files.
test('a home that others may pass through, and see nothing of, stays so', async () => {
  const home = scratch()
  chmodSync(home, 0o711)
  await openHome(pathsOf(home, join(home, 'run')))
  expect(modeOf(home)).toBe(0o711)
})

describe('a home that cannot be used is refused, saying which directory and what to do', () => {
  test.each(['packages', 'tmp', 'agents'])('a file lies where %s belongs', async (name) => {
    const home = scratch()
    writeFileSync(join(home, name), '')
    const said = expect.objectContaining({
      code: 'home-unusable',
      message: expect.stringMatching(`${home}/${name} cannot be used.*--home and --run`),
    })
    await expect(openHome(pathsOf(home, join(home, 'run')))).rejects.toEqual(said)
  })

  test('a link leads round', async () => {
    const home = join(scratch(), 'home')
    symlinkSync(home, home)
    await expect(openHome(pathsOf(home, join(scratch(), 'run')))).rejects.toMatchObject({ code: 'home-unusable' })
  })

  // Root may write anywhere: the ordinary user is another process.
  test.skipIf(!ROOT)('an ordinary user may not write there', async ({ skip }) => {
    skip(await isClosedTo(NOBODY), CLOSED)
    const home = scratch()
    chmodSync(home, 0o755)
    const { stdout } = await runProgram(as(NOBODY, program('execute/fixtures/open-home', home)))
    expect(stdout).toMatch(/^home-unusable: .*(EACCES|permission denied).* Run as root, or name writable directories/)
    expect(readdirSync(home)).toEqual([])
  })

  test.skipIf(!ROOT)('but not where it is an ordinary user’s own', async ({ skip }) => {
    skip(await isClosedTo(NOBODY), CLOSED)
    const home = scratch()
    chownSync(home, NOBODY, NOBODY)
    expect(await runProgram(as(NOBODY, program('execute/fixtures/open-home', home)))).toMatchObject({ stdout: 'open\n' })
  })

  // Seed 001: a rename between two mounts fails with "Invalid cross-device link", long after the start.
  test.skipIf(!ROOT).each(['tmp', 'packages', 'agents'])('%s is on another mount', async (name) => {
    const home = scratch()
    mkdirSync(join(home, name))
    const story = 'mount -t tmpfs none "$0"; exec "$@"'
    const { stdout } = await runProgram([
      'unshare',
      '-m',
      'sh',
      '-ec',
      story,
      join(home, name),
      ...program('execute/fixtures/open-home', home),
    ])
    expect(stdout).toMatch(`home-unusable: ${home}/${name} is on another mount than ${home}`)
    expect(stdout).toContain('Invalid cross-device link')
  })

  test.skipIf(!ROOT)('the disk can only be read', async () => {
    const home = scratch()
    const story = 'mount -t tmpfs -o ro none "$0"; exec "$@"'
    const { stdout } = await runProgram([
      'unshare',
      '-m',
      'sh',
      '-ec',
      story,
      home,
      ...program('execute/fixtures/open-home', home),
    ])
    expect(stdout).toMatch(/^home-unusable: /)
  })
})

const CLOSED = 'the checkout is closed to other users'

/** Whether that user cannot even run what is tested, as in a checkout below /root. */
async function isClosedTo(uid: number): Promise<boolean> {
  return (await runProgram(as(uid, [process.execPath, '--check', import.meta.filename]))).code !== 0
}

/** The command as another user. */
function as(uid: number, command: readonly string[]): [string, ...string[]] {
  return ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', ...command]
}
