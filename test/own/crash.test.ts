import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Program, startProgram } from '../../scripts/demo/program.ts'
import { CRASH_POINTS } from '../faults/crash-points.ts'
import { type Fleet, startFleet } from '../fleet.ts'
import { buildVersion, packVersion } from './build-versions.ts'
import { type DeafProxy, openDeafProxy } from './deaf-proxy.ts'

const GUARD = join(import.meta.dirname, '../../contrib/guard')

let directory: string
let fleet: Fleet
let proxy: DeafProxy
let old: string

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bootagent-own-crash-'))
  old = await buildVersion('1.0.0', directory)
  const next = await buildVersion('2.0.0', directory)
  fleet = await startFleet()
  proxy = await openDeafProxy(fleet.url)
  await fleet.bootfleet(
    'publish',
    packVersion('2.0.0', { path: next }, directory),
    '--name',
    'BootAgent',
    '--package-version',
    '2.0.0',
  )
}, 300_000)

afterAll(async () => {
  proxy.close()
  await fleet.end()
  rmSync(directory, { recursive: true })
})

/** One after the other, what BootAgent dies at; where undefined, it ends when it wants to be started again. */
type Lives = readonly (string | undefined)[]

interface Story {
  readonly lives: Lives
  readonly deaf: boolean
}

const STORIES: readonly (readonly [string, Story])[] = [
  ...CRASH_POINTS.ownUpgrade.map((point) => [`${point}, in the old one`, { lives: [point], deaf: false }] as const),
  ...CRASH_POINTS.ownKept.map((point) => [`${point}, in the new one`, { lives: [undefined, point], deaf: false }] as const),
  ...CRASH_POINTS.ownGivenUp.map((point) => [`${point}, in the new one`, { lives: [undefined, point], deaf: true }] as const),
  ...CRASH_POINTS.ownBack.map(
    (point) => [`${point}, in the old one again`, { lives: [undefined, undefined, point], deaf: true }] as const,
  ),
]

// Each host is as its guard has left it, and is then started without one: it dies, and the guard takes over what it finds.
describe('killed during its own upgrade', { timeout: 60_000 }, () => {
  test.each(STORIES)(
    'at %s: the new one or the old one runs, whole, and there is one true result',
    async (name, { lives, deaf }) => {
      const host = `own-${name.replaceAll(/\W+/g, '-')}`.slice(0, 60)
      const home = join(directory, host)
      try {
        await introduce(host, home)
        if (deaf) proxy.forbidden.add('bootagent-2.0.0')
        const job = (await fleet.bootfleet('upgrade', 'BootAgent', '--package-version', '2.0.0', '--host', host, '--json')).trim()
        for (const point of lives) {
          const life = startHost(host, home, point)
          expect(await life.ended).toContain(point === undefined ? '(75)' : 'SIGKILL')
        }
        const guard = startGuard(host, home)
        await guard.line((line) => line['kind'] === 'reported' && Number(line['results']) > 0)
        await guard.stop('SIGTERM')
        const said = await fleet.bootfleet('job', idIn(job))
        expect(said).toContain(
          deaf ? '2.0.0 did not hold: no server answered it within 2 s; 1.0.0 runs again' : '2.0.0 runs, after 1.0.0',
        )
        expect(await fleet.bootfleet('host', host)).toContain(deaf ? 'bootagent-1.0.0' : 'bootagent-2.0.0')
        expect(readFileSync(`${home}/self/current`, 'utf8')).toBe(deaf ? 'a\n' : 'b\n')
        expect(['fallback', 'failure', '.fill', '.old'].filter((left) => existsSync(`${home}/self/${left}`))).toEqual([])
      } finally {
        proxy.forbidden.clear()
        rmSync(home, { recursive: true, force: true })
      }
    },
  )
})

function idIn(json: string): string {
  const found = /"id":\s*"([^"]+)"/.exec(json)?.[1]
  if (found === undefined) throw new Error(`no job in ${json}`)
  return found
}

/** A host that its server knows, with both slots filled, so that filling one has to empty it first. */
async function introduce(host: string, home: string): Promise<void> {
  const guard = startGuard(host, home)
  await guard.line((line) => line['kind'] === 'reported')
  await guard.stop('SIGTERM')
  cpSync(`${home}/self/a`, `${home}/self/b`, { recursive: true })
}

function optionsOf(host: string, home: string): string[] {
  const config = `${home}.json`
  writeFileSync(config, JSON.stringify({ step: 0.3, stepMin: 0.1, retry: 0.2, gap: 0.05, ownTrial: 2 }))
  return ['-S', proxy.url, '-c', config, '--agentsn', host]
}

function startGuard(host: string, home: string): Program {
  return start(GUARD, [home, old, ...optionsOf(host, home)], home, { BOOTAGENT_GUARD_PAUSE: '0' })
}

function startHost(host: string, home: string, point: string | undefined): Program {
  const executable = `${home}/self/${readFileSync(`${home}/self/current`, 'utf8').trim()}/bootagent`
  const crash: Record<string, string> = point === undefined ? {} : { BOOTAGENT_CRASH_AT: point }
  return start(executable, ['-f', '--home', home, ...optionsOf(host, home)], home, { BOOTAGENT_GUARDED: '1', ...crash })
}

function start(command: string, args: readonly string[], home: string, env: Readonly<Record<string, string>>): Program {
  return startProgram('host', {
    command,
    args,
    cwd: '/',
    output: `${home}.log`,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  })
}
