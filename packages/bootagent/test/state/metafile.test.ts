import { chown, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import process from 'node:process'
import { runProgram } from '@bootagent/runtime/testing'
import { describe, expect, test } from 'vitest'
import { exampleMetafile } from '../scenes/example-metafile.ts'
import { type FirstStart, openOrBegin } from '../../src/state/first-start.ts'
import { findMetafile, type MetafileStore, openMetafile, writeFirstMetafile } from '../../src/state/metafile.ts'
import type { Metafile } from '../../src/state/metafile-schema.ts'
import type { Paths } from '../../src/state/paths.ts'
import { program } from './program.ts'
import { scratchHome } from './scratch-home.ts'

const IS_ROOT = process.geteuid?.() === 0
/** A user that has nothing here. */
const SOMEBODY = 12_345

const NOW = 1_700_000_000
const IDENTITY = { agentsn: 'host-1', source: 'random', machine: 'm', standing: 'claimed' } as const
const FIRST: FirstStart = { identity: () => IDENTITY, servers: 'booter.example', baked: '', step: 600 }

/** Nobody may be made new who has been here before. */
const NEVER: FirstStart = {
  ...FIRST,
  servers: undefined,
  identity() {
    throw new Error('a second identity was made')
  },
}

/** A host whose step was set once and again: 700 in the newest metafile, 600 in the copy before it. */
async function knownHost(): Promise<{ paths: Paths; metafile: MetafileStore }> {
  const paths = await scratchHome()
  const first = exampleMetafile()
  await writeFirstMetafile(paths, first)
  const metafile = openMetafile(paths, first)
  await metafile.update((current) => ({ ...current, step: 700 }))
  return { paths, metafile }
}

/** Everything the home holds of the metafile, byte by byte. */
async function bytesOf(paths: Paths): Promise<Record<string, string>> {
  const files = (await readdir(paths.home)).filter((name) => name.startsWith('metafile'))
  return Object.fromEntries(
    await Promise.all(files.map(async (name) => [name, await readFile(`${paths.home}/${name}`, 'latin1')])),
  )
}

async function stepsOnDisk(paths: Paths): Promise<number[]> {
  const files = [paths.metafile, paths.previousMetafile]
  return Promise.all(files.map(async (file) => (JSON.parse(await readFile(file, 'utf8')) as Metafile).step))
}

describe('a first start', () => {
  test('is a home without a metafile, and writes one before anything else can happen', async () => {
    const paths = await scratchHome()
    const { metafile, how, serversIgnored } = await openOrBegin(paths, FIRST, NOW)
    expect([how, serversIgnored]).toEqual(['first start', false])
    expect(metafile.read()).toMatchObject({ identity: IDENTITY, svrlist: 'booter.example', step: 600 })
    expect(await findMetafile(paths)).toEqual({ kind: 'ok', metafile: metafile.read() })
  })

  // It holds what agents are given, passwords among it.
  test('writes what only its owner can read, and leaves nothing beside it', async () => {
    const paths = await scratchHome()
    await openOrBegin(paths, FIRST, NOW)
    expect((await stat(paths.metafile)).mode & 0o777).toBe(0o600)
    expect([await readdir(paths.tmp), Object.keys(await bytesOf(paths))]).toEqual([[], ['metafile.json']])
  })

  test('that knows no server is refused, and is a first start the next time too', async () => {
    const paths = await scratchHome()
    for (const servers of [undefined, '', ' , ', 'not a server']) {
      await expect(openOrBegin(paths, { ...FIRST, servers }, NOW)).rejects.toMatchObject({ code: 'usage' })
    }
    expect(await findMetafile(paths)).toEqual({ kind: 'absent' })
  })

  test('needs no -S where a list was baked in, and does not keep the baked one', async () => {
    const { metafile } = await openOrBegin(await scratchHome(), { ...FIRST, servers: undefined, baked: 'baked.example' }, NOW)
    expect(metafile.read().svrlist).toBe('')
  })

  test.each([
    ['first-start:before-write', 'absent'],
    ['first-start:written', 'ok'],
  ])('killed at %s leaves a home whose metafile is %s', async (point, kind) => {
    const paths = await scratchHome()
    const ending = await runProgram(program('state/fixtures/begin', paths.home), { BOOTAGENT_CRASH_AT: point })
    expect(ending).toMatchObject({ signal: 'SIGKILL', stdout: '' })
    expect((await findMetafile(paths)).kind).toBe(kind)
  })
})

describe('a known host', () => {
  test('is who it was, and -S is ignored, and said to be', async () => {
    const { paths } = await knownHost()
    const plain = await openOrBegin(paths, NEVER, NOW)
    expect([plain.how, plain.serversIgnored, plain.metafile.read().svrlist]).toEqual(['known host', false, 'old.example'])
    const asked = await openOrBegin(paths, { ...NEVER, servers: 'other.example' }, NOW)
    expect([asked.serversIgnored, asked.metafile.read().svrlist]).toEqual([true, 'old.example'])
  })

  test.each([
    ['empty', ''],
    ['cut off', '{"format": 1, "identity": {'],
    ['zeros', '\0'.repeat(4096)],
    ['not as expected', '{"format": 1}'],
  ])('whose newest metafile is %s goes on from the copy before it, and tells its server', async (_, text) => {
    const { paths } = await knownHost()
    await writeFile(paths.metafile, text)
    const { metafile, how } = await openOrBegin(paths, NEVER, NOW)
    expect([how, metafile.read().step]).toEqual(['known host, from the copy', 600])
    expect(metafile.read().events).toMatchObject([{ category: 'metafile-damaged', timestamp: NOW }])
    expect(await findMetafile(paths)).toEqual({ kind: 'ok', metafile: metafile.read() })
  })

  // Good JSON, and every field as it should be.
  test('whose newest metafile has one flipped bit goes on from the copy before it', async () => {
    const { paths } = await knownHost()
    const text = await readFile(paths.metafile, 'utf8')
    await writeFile(paths.metafile, text.replace('"step": 700', '"step": 300'))
    const { metafile, how } = await openOrBegin(paths, NEVER, NOW)
    expect([how, metafile.read().step]).toEqual(['known host, from the copy', 600])
  })

  test('whose metafiles were written before there were checksums is who it was', async () => {
    const { paths, metafile } = await knownHost()
    await writeFile(paths.metafile, JSON.stringify({ ...metafile.read(), step: 900 }))
    const opened = await openOrBegin(paths, NEVER, NOW)
    expect([opened.how, opened.metafile.read().step]).toEqual(['known host', 900])
  })

  test('whose newest metafile has a gigabyte goes on from the copy, and reads nothing of it', async () => {
    const { paths } = await knownHost()
    await truncate(paths.metafile, 1024 ** 3)
    const before = process.resourceUsage().maxRSS
    expect((await openOrBegin(paths, NEVER, NOW)).metafile.read().events).toMatchObject([
      { message: expect.stringContaining('it has 1073741824 bytes') },
    ])
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(256 * 1024)
  })

  test('whose home, and all in it, is somebody’s who started nothing is shown to root as theirs', {
    skip: !IS_ROOT,
  }, async () => {
    const { paths } = await knownHost()
    await chown(paths.home, SOMEBODY, SOMEBODY)
    await chown(paths.metafile, SOMEBODY, SOMEBODY)
    expect((await findMetafile(paths)).kind).toBe('ok')
  })

  test('whose newest metafile was deleted is no new host', async () => {
    const { paths } = await knownHost()
    await rm(paths.metafile)
    expect((await openOrBegin(paths, NEVER, NOW)).how).toBe('known host, from the copy')
  })

  test('does not look at the copy while the newest one is good', async () => {
    const { paths } = await knownHost()
    await writeFile(paths.previousMetafile, 'damaged')
    expect((await openOrBegin(paths, NEVER, NOW)).how).toBe('known host')
  })
})

describe('a host that cannot know who it is stops, and nothing is written', () => {
  test.each([
    ['both are damaged', 'damaged', 'damaged', 'metafile-unreadable'],
    ['the newest is damaged and there is no copy', 'damaged', undefined, 'metafile-unreadable'],
    ['the newest is gone and the copy is damaged', undefined, 'damaged', 'metafile-unreadable'],
    ['the newest is a newer BootAgent’s', '{"format": 2}', undefined, 'metafile-newer'],
    ['the newest is damaged and the copy a newer BootAgent’s', 'damaged', '{"format": 2}', 'metafile-newer'],
  ])('because %s', async (_, newest, before, code) => {
    const paths = await scratchHome()
    if (newest !== undefined) await writeFile(paths.metafile, newest)
    if (before !== undefined) await writeFile(paths.previousMetafile, before)
    const bytes = await bytesOf(paths)
    await expect(openOrBegin(paths, NEVER, NOW)).rejects.toMatchObject({ code })
    expect(await bytesOf(paths)).toEqual(bytes)
  })

  // An older copy is not taken for what a newer BootAgent has made of it.
  test('because the newest is a newer BootAgent’s, however good the copy', async () => {
    const { paths } = await knownHost()
    await writeFile(paths.metafile, '{"format": 2}')
    await expect(openOrBegin(paths, NEVER, NOW)).rejects.toMatchObject({
      code: 'metafile-newer',
      message: expect.stringContaining('format 2'),
    })
  })

  test('because something else lies where the metafile belongs', async () => {
    const paths = await scratchHome()
    await mkdir(paths.metafile)
    await expect(openOrBegin(paths, NEVER, NOW)).rejects.toThrow(paths.metafile)
  })

  test('and says what to do', async () => {
    const paths = await scratchHome()
    await writeFile(paths.metafile, '')
    await expect(openOrBegin(paths, NEVER, NOW)).rejects.toThrow(/it is empty.*Restore one of them from a backup/)
  })
})

// What is in a metafile is run as root: the copy is not taken either, since whoever did this may have meant it.
describe('a host stops, and writes nothing, when its metafile is not one to believe', () => {
  const makings: [string, string][] = [
    ['a symbolic link', 'mv "$0" "$0.real"; ln -s metafile.json.real "$0"'],
    ['a pipe', 'rm "$0"; mkfifo "$0"'],
    ['a directory', 'rm "$0"; mkdir "$0"'],
    ['writable by everybody', 'chmod 666 "$0"'],
    ...(IS_ROOT ? [['somebody else’s', `chown ${SOMEBODY} "$0"`] as [string, string]] : []),
  ]

  test.each(makings)('but %s', async (_, making) => {
    const { paths } = await knownHost()
    await runProgram(['sh', '-ec', making, paths.metafile])
    const copy = await readFile(paths.previousMetafile)
    const error = { code: 'metafile-unreadable', message: expect.stringContaining(paths.metafile) as string }
    await expect(openOrBegin(paths, NEVER, NOW)).rejects.toMatchObject(error)
    expect(await readFile(paths.previousMetafile)).toEqual(copy)
  })

  // A directory and a pipe have nothing in them to go on from.
  test.each(makings.filter(([how]) => !['a pipe', 'a directory'].includes(how)))(
    'and goes on when what it says was typed: %s',
    async (_, making) => {
      const { paths } = await knownHost()
      await runProgram(['sh', '-ec', making, paths.metafile])
      const said = await openOrBegin(paths, NEVER, NOW).then(
        () => 'nothing',
        (error: Error) => error.message,
      )
      const typed = /then type: (.*)$/.exec(said)?.[1]
      expect(await runProgram(['sh', '-ec', typed ?? 'exit 1'])).toMatchObject({ code: 0 })
      expect(await openOrBegin(paths, NEVER, NOW)).toMatchObject({ how: 'known host' })
    },
  )

  test.each(makings)('nor is the copy before it, where the newest is damaged: %s', async (_, making) => {
    const { paths } = await knownHost()
    await writeFile(paths.metafile, 'damaged')
    await runProgram(['sh', '-ec', making, paths.previousMetafile])
    await expect(openOrBegin(paths, NEVER, NOW)).rejects.toThrow(paths.previousMetafile)
    expect(await readFile(paths.metafile, 'utf8')).toBe('damaged')
  })
})

describe('an update', () => {
  test('is on the disk when it resolves, and the value before it beside it', async () => {
    const { paths, metafile } = await knownHost()
    await metafile.update((current) => ({ ...current, step: 800 }))
    expect([metafile.read().step, await stepsOnDisk(paths)]).toEqual([800, [800, 700]])
  })

  test('is not seen by readers before it is on the disk', async () => {
    const { metafile } = await knownHost()
    const updating = metafile.update((current) => ({ ...current, step: 800 }))
    expect(metafile.read().step).toBe(700)
    await updating
    expect(metafile.read().step).toBe(800)
  })

  test('that changes nothing writes nothing', async () => {
    const { paths, metafile } = await knownHost()
    const before = [(await stat(paths.metafile)).ino, (await stat(paths.previousMetafile)).ino]
    expect(await metafile.update((current) => current)).toBe(metafile.read())
    expect([(await stat(paths.metafile)).ino, (await stat(paths.previousMetafile)).ino]).toEqual(before)
  })

  test('of many made at once each sees the one before it, in the order of the calls', async () => {
    const { paths, metafile } = await knownHost()
    const seen: number[] = []
    const update = () =>
      metafile.update((current) => {
        seen.push(current.step)
        return { ...current, step: current.step + 1 }
      })
    await Promise.all(Array.from({ length: 20 }, update))
    expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => 700 + n))
    expect(await stepsOnDisk(paths)).toEqual([720, 719])
  })

  test('that throws is told to whoever made it, and the next one goes on', async () => {
    const { metafile } = await knownHost()
    const failing = metafile.update(() => {
      throw new Error('a fault')
    })
    const next = metafile.update((current) => ({ ...current, step: 800 }))
    await expect(failing).rejects.toThrow('a fault')
    expect((await next).step).toBe(800)
  })

  test('that the disk refuses changes nothing, here or there', async () => {
    const { paths, metafile } = await knownHost()
    const bytes = await bytesOf(paths)
    await rm(paths.tmp, { recursive: true })
    await expect(metafile.update((current) => ({ ...current, step: 800 }))).rejects.toMatchObject({ code: 'disk-error' })
    expect([metafile.read().step, await bytesOf(paths)]).toEqual([700, bytes])
    await mkdir(paths.tmp)
    expect((await metafile.update((current) => ({ ...current, step: 900 }))).step).toBe(900)
  })

  test.each([
    ['metafile:before-write', [700, 600]],
    ['metafile:between-copies', [700, 700]],
    ['metafile:written', [800, 700]],
  ] as const)('killed at %s leaves %j on the disk, and the host knows itself', async (point, steps) => {
    const { paths } = await knownHost()
    const ending = await runProgram(program('state/fixtures/update-metafile', paths.home, '800'), { BOOTAGENT_CRASH_AT: point })
    expect(ending).toMatchObject({ signal: 'SIGKILL', stdout: '' })
    expect(await stepsOnDisk(paths)).toEqual(steps)
    expect(await findMetafile(paths)).toMatchObject({ kind: 'ok', metafile: { step: steps[0] } })
  })

  // Each of them in its turn: the copy's and the newest one's bytes, names and directories.
  test.each([1, 2, 3, 4])('killed at fsync %i of 4 leaves one value or the other, whole', async (nth) => {
    const { paths } = await knownHost()
    const inject = ['strace', '-f', '-o', '/dev/null', '-e', `inject=fsync:signal=KILL:when=${nth}`] as const
    // strace counts by thread.
    const ending = await runProgram([...inject, ...program('state/fixtures/update-metafile', paths.home, '800')], {
      UV_THREADPOOL_SIZE: '1',
    })
    expect(ending).toMatchObject({ signal: 'SIGKILL', stdout: '' })
    expect(await findMetafile(paths)).toMatchObject({ kind: 'ok', metafile: { step: nth === 4 ? 800 : 700 } })
  })
})

// Mounting needs root, and a mount namespace of its own so that nobody else sees the tiny disk.
test.skipIf(process.getuid?.() !== 0)('on a full disk an update is refused, and the host stays what it was', async () => {
  const paths = await scratchHome()
  await writeFirstMetafile(paths, exampleMetafile())
  const home = await scratchHome()
  const [node, script] = program('state/fixtures/update-metafile')
  const ending = await runProgram(['unshare', '-m', 'sh', '-ec', FULL_DISK, home.home, paths.metafile, node, script ?? ''])
  expect(ending).toMatchObject({ stderr: '', stdout: 'updated\n700\ndisk-full\n700\nupdated\n900\n' })
})

// 64 KiB hold the two copies and the one that is being written, as long as the list is short.
const FULL_DISK = `
  mount -t tmpfs -o size=64k none "$0"
  mkdir "$0/tmp"
  cp "$1" "$0/metafile.json"
  "$2" "$3" "$0" 700
  "$2" "$3" "$0" 800 60000
  "$2" "$3" "$0" 900`
