import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { beforeEach, describe, expect, test } from 'vitest'
import { checkoutGuardProgram } from '../../../src/local/daemon/guard-program.ts'
import { program } from '../../state/program.ts'
import { createKeptHost, type KeptHost, lives, until } from './kept-host.ts'
import { NO_SYSTEMD, withSystemd } from './with-systemd.ts'

const ROOT = join(import.meta.dirname, '../../../../..')
const MAIN = join(ROOT, 'packages/bootagent/src/main.ts')
const UNIT = '/etc/systemd/system/bootagent.service'
const RUNS = { fixture: 'runs-forever' }

beforeEach(({ skip }) => skip(NO_SYSTEMD !== undefined, NO_SYSTEMD))

/** A unit of that host's home, whatever `OPTIONS` are. */
async function unitOf({ paths, root }: KeptHost): Promise<string> {
  const { guard, seed } = await checkoutGuardProgram(MAIN, paths.run)
  return `[Service]\nType=notify\nExecStart=${guard} ${paths.home} ${seed} --run ${paths.run} -c ${root}/config.json\n`
}

describe('where systemd keeps BootAgent', () => {
  test('start, restart and stop go by it, and agents notice nothing', async () => {
    const host = createKeptHost({ metrics: RUNS })
    const systemd = await withSystemd(host.root, { unit: await unitOf(host) })
    const type = (word: string) => systemd.type(process.execPath, MAIN, word, '--home', host.paths.home, '--run', host.paths.run)

    expect((await type('start')).data).toMatch(/^bootagent runs: process /)
    expect([systemd.told(), systemd.notified()]).toEqual([['start bootagent.service'], ['READY=1']])
    await until(async () => lives((await host.agents())['metrics']))
    const [before, agents] = [await host.daemon(), await host.agents()]

    expect((await type('restart')).code).toBe(0)
    expect([(await host.daemon()).guard, await host.agents()]).toEqual([before.guard, agents])
    expect(systemd.notified()).toEqual(['READY=1', 'READY=1'])

    expect((await type('stop')).data).toMatch(/^bootagent was stopped: process \d+; its agents go on\n$/)
    expect(systemd.told()).toEqual(['start bootagent.service', 'stop bootagent.service'])
    expect([lives(before.guard), lives(agents['metrics'])]).toEqual([false, true])
    expect(systemd.notified()).toEqual(['READY=1', 'READY=1', 'STOPPING=1'])
  })

  test('options are not for start: it says where they belong', async () => {
    const host = createKeptHost({})
    const systemd = await withSystemd(host.root, { unit: await unitOf(host) })
    const places = ['--home', host.paths.home]
    const { code, talk } = await systemd.type(process.execPath, MAIN, 'start', '-l', 'debug', ...places)
    expect([code, talk]).toEqual([2, expect.stringContaining('put -l debug there')])
    expect(systemd.told()).toEqual([])
  })

  test('a unit of another home is not that of this one', async () => {
    const [host, other] = [createKeptHost({}), createKeptHost({})]
    const systemd = await withSystemd(host.root, { unit: await unitOf(other) })
    const { data } = await systemd.type(process.execPath, MAIN, 'start', '--home', host.paths.home, '--run', host.paths.run)
    expect([data, systemd.told()]).toEqual([expect.stringMatching(/^bootagent runs: /), []])
  })
})

describe('install-service', () => {
  /** An executable beside its guard, and the command as it carries it out. */
  async function installed(host: KeptHost, unit?: string) {
    const place = `${host.root}/opt`
    mkdirSync(place)
    copyFileSync(join(ROOT, 'contrib/guard'), `${place}/guard`)
    copyFileSync(join(ROOT, 'contrib/systemd/bootagent.service'), `${place}/bootagent.service`)
    writeFileSync(`${place}/bootagent`, '', { mode: 0o755 })
    const [node] = program('')
    const systemd = await withSystemd(host.root, {
      ...(unit === undefined ? {} : { unit }),
      programs: { [`${place}/bootagent`]: node },
    })
    const [, ...fixture] = program('local/daemon/fixtures/installed')
    const type = (...args: string[]) => systemd.type(`${place}/bootagent`, ...fixture, ...args, '--home', host.paths.home)
    return { systemd, place, type }
  }

  test('writes the unit of the packages with this host’s paths and options, and enables it', async () => {
    const host = createKeptHost({})
    const { systemd, place, type } = await installed(host)
    const { code, data } = await type('install-service', '-S', 'booter:8180')
    expect([code, data]).toEqual([0, expect.stringContaining(`${UNIT} is written and enabled`)])
    expect(systemd.told()).toEqual(['daemon-reload', 'enable bootagent.service'])
    const unit = await systemd.read(UNIT)
    expect(unit).toContain(`\nExecStart=${place}/guard ${host.paths.home} ${place}/bootagent $OPTIONS -S booter:8180\n`)
    const others = (text: string) =>
      text.split('\n').filter((line) => !line.startsWith('ExecStart=') && !line.startsWith('# Written by'))
    expect(others(unit)).toEqual(others(readFileSync(join(ROOT, 'contrib/systemd/bootagent.service'), 'utf8')))

    expect((await type('uninstall-service')).code).toBe(0)
    expect(systemd.told().slice(2)).toEqual(['disable bootagent.service', 'stop bootagent.service', 'daemon-reload'])
    expect(await systemd.type('test', '-e', UNIT)).toMatchObject({ code: 1 })
    expect((await type('uninstall-service')).data).toContain('nothing was done')
    expect(existsSync(host.paths.home)).toBe(true)
  })

  test.each(['install-service', 'uninstall-service'])('%s leaves a unit alone that somebody else wrote', async (command) => {
    const { systemd, type } = await installed(createKeptHost({}), '[Service]\nExecStart=/bin/true\n')
    const { code, talk } = await type(command)
    expect([code, talk]).toEqual([1, expect.stringContaining(`${UNIT} was not written by bootagent install-service`)])
    expect([await systemd.read(UNIT), systemd.told()]).toEqual(['[Service]\nExecStart=/bin/true\n', []])
  })

  test('of a checkout is refused, and without systemd as well', async () => {
    const host = createKeptHost({})
    const systemd = await withSystemd(host.root)
    expect((await systemd.type(process.execPath, MAIN, 'install-service')).talk).toContain('a checkout is no installation')
    const { code, talk } = await host.type('install-service')
    expect([code, talk]).toEqual([1, expect.stringContaining('systemd does not run on this host')])
  })
})
