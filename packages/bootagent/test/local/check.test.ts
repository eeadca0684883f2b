import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { runProgram } from '@bootagent/runtime/testing'
import { describe, expect, test } from 'vitest'
import { CHECKS } from '../../src/local/check/checks.ts'
import { pointLinks } from '../../src/execute/links.ts'
import type { AgentRecord } from '../../src/state/metafile-schema.ts'
import { treePath } from '../../src/state/paths.ts'
import { exampleAgent, exampleMetafile, exampleRelease, OLD } from '../scenes/example-metafile.ts'
import { createTestedHost, type TestedHost, testHost, testHostInside } from './tested-host.ts'

const ROOT = process.geteuid?.() === 0

/** A host with one agent, whole on the disk. */
async function createHostWithAgent(changes: Partial<AgentRecord> = {}): Promise<TestedHost> {
  const record = exampleAgent(changes)
  const host = createTestedHost({ agents: { metrics: record } })
  mkdirSync(treePath(host.paths, 'metrics', OLD), { recursive: true })
  writeFileSync(programOf(host), '#!/bin/sh\n', { mode: 0o755 })
  await pointLinks(host.paths, 'metrics', record)
  return host
}

function programOf({ paths }: TestedHost): string {
  return `${treePath(paths, 'metrics', OLD)}/metrics`
}

describe('a good host', () => {
  test('is a success: a line a check in their order, none of them FAIL, and the outcome last', async () => {
    const host = await createHostWithAgent()
    const { code, stdout, stderr } = await runProgram(host.command('--offline'))
    expect(stderr).toBe('')
    const lines = stdout.trimEnd().split('\n')
    expect(lines.pop()).toBe('Success')
    expect(lines.filter((line) => !/^(ok {2}|warn) {2}[a-z-]+ {2,}\S/.test(line))).toEqual([])
    const told = [...new Set(lines.map((line) => line.split(/ +/)[1]))]
    // The file of -P is looked at where there is one.
    expect(told).toEqual(CHECKS.map(({ name }) => name).filter((name) => name !== 'pid-file'))
    expect(stdout).toMatch(/^ok {4}agent +metrics: to run, release 1\.0\.0-11111111, whole on the disk$/m)
    expect(code).toBe(0)
  })

  test('that was never started is told so, and by what it would be known', async () => {
    const { code, of } = await testHost(createTestedHost(), '--offline', '-S', 'booter.example', '--agentsn', 'host-9')
    expect(of('metafile')[0]).toMatch(/^ok none in .*: this is the first start, and the host would be known by host-9 \(given\)$/)
    expect(of('server')).toEqual(['ok http://booter.example:8180 (-S): not asked (--offline)'])
    expect(code).toBe(0)
  })

  test('need have no directory yet', async () => {
    const host = createTestedHost()
    rmSync(host.paths.home, { recursive: true })
    rmSync(host.paths.run, { recursive: true })
    const { code, of } = await testHost(host, '--offline', '-S', 'booter.example')
    expect(of('home')).toEqual([`ok ${host.paths.home} will be made in ${host.root}`])
    expect(code).toBe(0)
  })
})

describe('the command line', () => {
  test('-S and --agentsn are warned of where they would be ignored', async () => {
    const { code, of } = await testHost(createTestedHost({}), '--offline', '-S', 'other.example', '--agentsn', 'x')
    expect(of('options')[0]).toMatch(/^warn .*-S and --agentsn will be ignored/)
    expect(of('server')).toEqual(['ok http://old.example:8180 (metafile): not asked (--offline)'])
    expect(code).toBe(0)
  })

  test('a first start without any server fails', async () => {
    const { code, of } = await testHost(createTestedHost(), '--offline')
    expect(of('server')).toEqual(['FAIL no server is known; the first start needs -S HOST[:PORT],…'])
    expect(code).toBe(1)
  })

  test('a pid file that cannot be written fails', async () => {
    const host = createTestedHost({})
    expect((await testHost(host, '--offline', '-P', `${host.root}/pid`)).of('pid-file')).toEqual([`ok ${host.root}/pid`])
    expect((await testHost(host, '--offline', '-P', `${host.root}/none/pid`)).of('pid-file')[0]).toMatch(/^FAIL/)
  })
})

describe('the local configuration', () => {
  test('is named, with what it sets and not to what', async () => {
    const host = createTestedHost({}, { stepMin: 30, proxy: { http: 'http://me:secret@proxy:3128' } })
    const { code, findings, of } = await testHost(host, '--offline')
    expect(of('config')).toEqual([`ok ${host.config} sets stepMin, proxy; reports every 30 s to 3600 s`])
    expect(of('proxies')).toEqual(['ok http by http://proxy:3128 (the local configuration)'])
    expect(JSON.stringify(findings)).not.toContain('secret')
    expect(code).toBe(0)
  })

  // Its login is nobody's business who reads the log of a configuration that failed.
  test.each([
    [{ proxy: { http: 'socks5://me:secret@proxy' } }, 'proxy.http'],
    [{ clientCert: '/etc/host.pem' }, 'belong together'],
    [{ download: { rate: 0 } }, 'download.rate'],
    [{ nonsense: 1 }, 'nonsense'],
  ])('%j is refused, and its values are not shown', async (config, says) => {
    const { code, findings, of } = await testHost(createTestedHost({}, config), '-S', '127.0.0.1')
    expect(of('config')[0]).toMatch(/^FAIL/)
    expect(of('config')[0]).toContain(says)
    expect(JSON.stringify(findings)).not.toContain('secret')
    expect(code).toBe(1)
  })

  test('that is not there fails only where it was named', async () => {
    const host = createTestedHost({})
    rmSync(host.config)
    expect((await testHost(host, '--offline')).of('config')[0]).toMatch(/^FAIL .*config\.json cannot be read/)
  })

  test('that others can change is warned of: no server may, and nobody else should', async () => {
    const host = createTestedHost({})
    chmodSync(host.config, 0o666)
    expect((await testHost(host, '--offline')).of('config')[0]).toMatch(/^warn .*others can change it; chmod go-w/)
  })

  test('a proxy of the environment that cannot be used is warned of', async () => {
    const host = createTestedHost({})
    const { stdout } = await runProgram(host.command('--offline'), { http_proxy: 'socks5://me:secret@proxy' })
    expect(stdout).toMatch(/^warn +proxies +http_proxy of the environment is no http or https url/m)
    expect(stdout).not.toContain('secret')
  })
})

describe('the directories', () => {
  test.each<[title: string, breakIt: (host: TestedHost) => void, check: string, says: RegExp]>([
    [
      'a file where the home belongs',
      ({ paths }) => {
        rmSync(paths.home, { recursive: true })
        writeFileSync(paths.home, '')
      },
      'home',
      /^FAIL .*home is no directory/,
    ],
    [
      'a home that is a link to a disk that is not there',
      ({ paths }) => {
        rmSync(paths.home, { recursive: true })
        symlinkSync('/nowhere/at/all', paths.home)
      },
      'home',
      /^FAIL .*home is no directory/,
    ],
    [
      'a home that is shared with others',
      ({ paths }) => {
        chmodSync(paths.home, 0o755)
        writeFileSync(`${paths.home}/theirs`, '')
      },
      'home',
      /^FAIL .*is open to others and holds theirs, which is not ours; name a directory/,
    ],
    [
      'a file where packages belong',
      ({ paths }) => {
        rmSync(paths.packages, { recursive: true })
        writeFileSync(paths.packages, '')
      },
      'tmp',
      /^FAIL .*packages is no directory/,
    ],
  ])('%s fails', async (_title, breakIt, check, says) => {
    const host = createTestedHost()
    breakIt(host)
    const { code, of } = await testHost(host, '--offline', '-S', 'booter.example')
    expect(of(check)[0]).toMatch(says)
    expect(code).toBe(1)
  })

  test.runIf(ROOT)('a home that is somebody else’s is warned of', async () => {
    const host = createTestedHost({})
    const { of } = await testHostInside(host, `chown 1234 ${host.paths.home}`, '--offline')
    expect(of('home')[0]).toMatch(/^warn .*belongs to user 1234.*; chown 0 /)
  })

  test.runIf(ROOT)('a disk that can only be read fails', async () => {
    const host = createTestedHost()
    const { code, of } = await testHostInside(
      host,
      `mount -t tmpfs -o ro none ${host.paths.home}`,
      '--offline',
      '-S',
      'a.example',
    )
    expect(of('home')[0]).toMatch(/^FAIL .*EROFS/)
    expect(code).toBe(1)
  })

  // Seed 001: a rename between two mounts fails with "Invalid cross-device link". The second shows the very same disk.
  test.runIf(ROOT).each(['mount -t tmpfs none', 'mount --bind /tmp'])('tmp on another mount (%s) fails', async (mount) => {
    const host = createTestedHost({})
    const { code, of } = await testHostInside(host, `${mount} ${host.paths.tmp}`, '--offline')
    expect(of('tmp')[0]).toMatch(/^FAIL .*tmp is on another mount .*Invalid cross-device link.*; mount the whole home as one$/)
    expect(code).toBe(1)
  })

  test.runIf(ROOT)('a disk that is full fails, and one below the reserve is warned of', async () => {
    const host = createTestedHost()
    const small = `mount -t tmpfs -o size=16m,mode=700 none ${host.paths.home}`
    const args = ['--offline', '-S', 'booter.example']
    expect((await testHostInside(host, small, ...args)).of('space')[0]).toMatch(/^warn .*has 16 MB .*32 MB are kept in reserve/)
    const fill = `${small}; head -c 15m /dev/zero >${host.paths.home}/tmp`
    const { code, of } = await testHostInside(host, fill, ...args)
    expect(of('space')[0]).toMatch(/^FAIL .*too little to keep state/)
    expect(code).toBe(1)
  })

  test.runIf(ROOT)('a disk without inodes fails', async () => {
    const host = createTestedHost()
    const mount = `mount -t tmpfs -o nr_inodes=8,mode=700 none ${host.paths.home}`
    expect((await testHostInside(host, mount, '--offline', '-S', 'a.example')).of('space')[0]).toMatch(/^FAIL .* 7 files left/)
  })

  test('a path too long for the socket of operators is warned of', async () => {
    const host = createTestedHost({})
    const { code, of } = await testHost(host, '--offline', '--run', `${host.root}/${'r'.repeat(100)}`)
    expect(of('socket')[0]).toMatch(/^warn .*at most 107/)
    expect(code).toBe(0)
  })
})

describe('the metafile', () => {
  test('damaged, with the copy before it, is warned of', async () => {
    const host = createTestedHost({})
    writeFileSync(host.paths.metafile, '{')
    writeFileSync(host.paths.previousMetafile, JSON.stringify(exampleMetafile()))
    const { code, of } = await testHost(host, '--offline')
    expect(of('metafile')[0]).toMatch(/^warn .*metafile\.json cannot be used .*; the copy before it will be: host host-1/)
    expect(code).toBe(0)
  })

  test.each([
    ['damaged together with its copy', '{', /FAIL .*there is no usable copy .*Restore one of them/],
    ['of a newer BootAgent', JSON.stringify({ format: 9 }), /FAIL .*format 9, written by a newer BootAgent/],
  ])('%s fails, and no other list is tried in place of its servers', async (_what, text, says) => {
    const host = createTestedHost()
    writeFileSync(host.paths.metafile, text)
    const { code, of } = await testHost(host, '--offline', '-S', 'booter.example')
    expect(of('metafile')[0]).toMatch(says)
    expect(of('server')[0]).toMatch(/^warn none was asked/)
    expect(code).toBe(1)
  })

  test.each([
    ['in whose place is a pipe', 'rm "$0"; mkfifo "$0"', /FAIL .*is no regular file.*from a backup/],
    ['that others can change', 'chmod 666 "$0"', /FAIL .*others can change what BootAgent does.*chmod 600/],
  ])('%s fails, as a start would', async (_what, making, says) => {
    const host = createTestedHost({})
    await runProgram(['sh', '-ec', making, host.paths.metafile])
    const { code, of } = await testHost(host, '--offline')
    expect(of('metafile')[0]).toMatch(says)
    expect(code).toBe(1)
  })

  test('that others can read is warned of', async () => {
    const host = createTestedHost({})
    chmodSync(host.paths.metafile, 0o644)
    expect((await testHost(host, '--offline')).of('metafile')[0]).toMatch(/^warn .*; chmod 600 /)
  })

  test('with a list that cannot be read fails', async () => {
    const { code, of } = await testHost(createTestedHost({ svrlist: 'a b c' }), '--offline')
    expect(of('server')[0]).toMatch(/^FAIL the list of metafile cannot be used: "a b c" is not a server/)
    expect(code).toBe(1)
  })

  test('whose times lie ahead of the clock is warned of', async () => {
    const events = [{ id: 'e', timestamp: Date.UTC(2090, 0, 1) / 1000, category: 'c', message: 'm' }]
    const { of } = await testHost(createTestedHost({ events }), '--offline')
    expect(of('clock')[0]).toMatch(/^warn .*2090-01-01 00:00:00 UTC, the latest time in the metafile/)
  })
})

describe('an agent', () => {
  test.each<[title: string, breakIt: (host: TestedHost) => void, says: RegExp]>([
    [
      'whose release is missing',
      ({ paths }) => rmSync(treePath(paths, 'metrics', OLD), { recursive: true }),
      /^FAIL metrics: release .* is not on the disk; have the server install it again$/,
    ],
    ['whose program is missing', (host) => rmSync(programOf(host)), /^FAIL metrics: .*cannot run: the program is missing/],
    [
      'whose program may not be run',
      (host) => chmodSync(programOf(host), 0o644),
      /^FAIL .*cannot run: the program is not executable/,
    ],
    [
      'whose program needs an interpreter that is not here',
      (host) => writeFileSync(programOf(host), '#!/no/such/shell\n'),
      /^FAIL .*script of \/no\/such\/shell/,
    ],
  ])('%s fails', async (_title, breakIt, says) => {
    const host = await createHostWithAgent()
    breakIt(host)
    const { code, of } = await testHost(host, '--offline')
    expect(of('agent')[0]).toMatch(says)
    expect(code).toBe(1)
  })

  test('whose user this host does not have fails', async () => {
    const host = await createHostWithAgent({
      releases: { [OLD]: exampleRelease({ run: { exec: 'metrics', user: 'nobody-of-that-name' } }) },
    })
    expect((await testHost(host, '--offline')).of('agent')[0]).toMatch(
      /^FAIL metrics: this host has no user "nobody-of-that-name"/,
    )
  })

  test('that is not to run is warned of at most', async () => {
    const host = await createHostWithAgent({ wanted: 'stopped' })
    rmSync(programOf(host))
    const { code, of } = await testHost(host, '--offline')
    expect(of('agent')[0]).toMatch(/^warn metrics: .*the program is missing/)
    expect(code).toBe(0)
  })

  // It says nothing for or against the BootAgent that is to come.
  test('that is broken does not keep a new BootAgent from its place', async () => {
    const host = await createHostWithAgent()
    rmSync(programOf(host))
    const { code, of } = await testHost(host, '--offline', '--no-agents')
    expect(of('agent')).toEqual(['ok not looked at (--no-agents)'])
    expect(code).toBe(0)
  })

  test('that was given up, or whose links lead astray, is warned of', async () => {
    const host = await createHostWithAgent({ fatal: true, strikes: 4 })
    expect((await testHost(host, '--offline')).of('agent')).toEqual([
      'warn metrics: given up after 4 failures in a row; bootagent why metrics',
    ])
    const other = await createHostWithAgent()
    rmSync(`${other.paths.agents}/metrics/current`)
    const { code, of } = await testHost(other, '--offline')
    expect(of('agent')[0]).toMatch(/^warn metrics: links that lead astray: current/)
    expect(code).toBe(0)
  })
})
