import { describe, expect, test } from 'vitest'
import type { BuildInfo } from '../build-info.ts'
import { EXIT_CODES } from '../errors.ts'
import { DEFAULTS, type Options, readOptions } from './options.ts'

const BUILD: BuildInfo = {
  version: '1.2.3',
  servers: 'booter.example:8080,192.0.2.1:9090',
  commit: '5f3a9c1e',
  date: '2026-01-01',
}

function read(...argv: string[]): Options {
  const reading = readOptions(argv, BUILD, () => undefined)
  if (reading.kind !== 'options') throw new Error('it printed instead')
  return reading.options
}

function printed(argv: string[], build = BUILD): string {
  const pages: string[] = []
  expect(readOptions(argv, build, (text) => pages.push(text))).toEqual({ kind: 'printed' })
  return pages.join('')
}

describe('without a word', () => {
  test('it runs, in the background, where the system’s packages keep things', () => {
    expect(read()).toMatchObject({ command: 'run', foreground: false, json: false, ...DEFAULTS })
  })

  test('nothing is made up', () => {
    const { servers, agentsn, log, level, pidFile, config } = read()
    expect([servers, agentsn, log, level, pidFile, config]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})

test('each option is read, short and long', () => {
  const short = read('-S', 'a,b:1', '-L', '/l', '-l', 'debug', '-P', '/p', '-f', '-c', '/c')
  const long = read('--servers=a,b:1', '--log=/l', '--level=debug', '--pid-file=/p', '--foreground', '--config=/c')
  expect(short).toEqual(long)
  expect(short).toMatchObject({ servers: 'a,b:1', log: '/l', level: 'debug', pidFile: '/p', foreground: true, config: '/c' })
})

test.each([
  [['-T'], 'test'],
  [['--test', '-L', '/l'], 'test'],
  [['inspect'], 'inspect'],
  [['status'], 'status'],
  [['--home', '/h', 'status'], 'status'],
  [['why', 'metrics'], 'why'],
  [['start', 'metrics'], 'start'],
  [['stop', 'metrics'], 'stop'],
  [['restart', 'metrics'], 'restart'],
  [['reset', 'metrics'], 'reset'],
])('%j asks for "%s"', (argv, command) => {
  expect(read(...argv).command).toBe(command)
})

test('a test may leave out servers, and agents', () => {
  expect(read('-T')).toMatchObject({ offline: false, agents: true })
  expect(read('-T', '--offline', '--no-agents')).toMatchObject({ offline: true, agents: false })
})

test('a command is about the agent it names, or about all', () => {
  expect([read('status').agent, read('status', 'metrics').agent, read('reset', 'metrics').agent]).toEqual([
    undefined,
    'metrics',
    'metrics',
  ])
})

test('without an agent the daemon itself is meant, and all of it may be drained first', () => {
  expect([read('start').agent, read('stop').drain, read('stop', '--drain').drain]).toEqual([undefined, false, true])
})

test('--json may stand before or after the command', () => {
  expect([read('status', '--json').json, read('--json', 'status').json]).toEqual([true, true])
})

describe('a home of one’s own', () => {
  // Two BootAgents must not meet in one run directory.
  test('has a run directory of its own', () => {
    expect(read('--home', '/srv/lab')).toMatchObject({ home: '/srv/lab', run: '/srv/lab/run' })
    expect(read('--home', '/srv/lab', '--run', '/srv/run')).toMatchObject({ run: '/srv/run' })
  })

  test('is the same with slashes after it', () => {
    expect(read('--home', '/srv/lab//', '--run', '/srv/run/')).toEqual(read('--home', '/srv/lab', '--run', '/srv/run'))
  })
})

describe('help', () => {
  test('shows the servers that are built in, and where things lie', () => {
    const page = printed(['-h'])
    for (const shown of [BUILD.servers, DEFAULTS.home, DEFAULTS.run, '/etc/bootagent/bootagent.json', '1.2.3', '5f3a9c1e'])
      expect(page).toContain(shown)
    expect(printed(['--help'])).toBe(page)
  })

  test('names every option and command', () => {
    const page = printed(['-h'])
    for (const shown of [
      '-S,',
      '-T,',
      '-L,',
      '-l,',
      '-P,',
      '-f,',
      '-c,',
      '-V,',
      '-h,',
      '--home',
      '--run',
      '--agentsn',
      'inspect',
      'status',
      'why',
      'start',
      'stop',
      'restart',
      'reset',
      'version',
      'install-service',
      'uninstall-service',
    ]) {
      expect(page).toContain(shown)
    }
  })

  test('says that -S is needed where no server is built in', () => {
    expect(printed(['-h'], { ...BUILD, servers: '' })).toContain('the first start needs -S')
  })
})

test.each(['-V', '--version'])('%s tells what was built, from what, and when', (flag) => {
  expect(printed([flag])).toBe('bootagent 1.2.3 (commit 5f3a9c1e, built 2026-01-01)\n')
})

describe('what cannot be read', () => {
  test.each([
    ['an option nobody knows', ['--colour'], '--colour'],
    ['a word nobody knows', ['rollback'], 'rollback'],
    ['an order that only an agent can be given, without one', ['reset'], "missing required argument 'name'"],
    ['a drain of one agent', ['stop', 'metrics', '--drain'], '--drain is for BootAgent itself'],
    ['a name no agent can have', ['why', '../x'], '1 to 50 letters'],
    ['an order for two agents', ['start', 'one', 'two'], 'too many arguments'],
    ['an option without its value', ['-L'], '-L, --log <file>'],
    ['a level nobody knows', ['-l', 'loud'], 'debug, info, warn, error'],
    ['a server list with a bad entry, which is named', ['-S', 'good.example,bad:port,other'], '"bad:port"'],
    ['a server list with a path in it', ['-S', 'http://a/b'], '"http://a/b"'],
    ['a server list that names no server', ['-S', ' , '], 'names no server'],
    ['an identity the protocol does not take', ['--agentsn', '../x'], '1 to 64 letters'],
  ])('is refused, saying what is wrong: %s', (_, argv, said) => {
    expect(() => read(...argv)).toThrow(expect.objectContaining({ code: 'usage', message: expect.stringContaining(said) }))
  })

  test('is refused with where to look, and an exit code of its own', () => {
    expect(() => read('--colour')).toThrow(/\nTry: bootagent --help$/)
    expect(EXIT_CODES.usage).toBe(2)
  })

  test('prints nothing itself', () => {
    const pages: string[] = []
    expect(() => readOptions(['--colour'], BUILD, (text) => pages.push(text))).toThrow()
    expect(pages).toEqual([])
  })
})

describe('logs', () => {
  test('begins with 100 lines, and ends there', () => {
    expect(read('logs', 'metrics')).toMatchObject({ command: 'logs', agent: 'metrics', follow: false, lines: 100 })
  })

  // Elsewhere -f is the foreground.
  test.each([['-f'], ['--follow']])('goes on with %s', (flag) => {
    expect(read('logs', 'metrics', flag, '-n', '5')).toMatchObject({ command: 'logs', follow: true, lines: 5 })
    expect(read('-f')).toMatchObject({ command: 'run', foreground: true, follow: false })
  })

  test.each([['ten'], ['-1'], ['1.5'], ['12345678']])('refuses %s lines', (lines) => {
    expect(() => read('logs', 'metrics', `--lines=${lines}`)).toThrow(expect.objectContaining({ code: 'usage' }))
  })
})
