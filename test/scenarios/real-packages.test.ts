import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { debianPackage } from '../../scripts/debian.ts'
import { type Fleet, freePort, startFleet } from '../fleet.ts'
import { PACKERS, unpackDeb } from './pack-tree.ts'

const EXPORTER = 'prometheus-node-exporter'

/** Packing 17 MB as hard as packagers do takes its time on a busy machine; nothing here waits for time. */
const PATIENCE = 300_000

let fleet: Fleet
let tree: string
let told = 0

beforeAll(async () => {
  fleet = await startFleet()
  tree = unpackDeb(await debianPackage(EXPORTER), fleet.directory)
  await fleet.startHost('host').line((line) => line['kind'] === 'reported')
})

afterAll(() => fleet.end())

// What is published is what its packagers made, fetched, verified, unpacked and started by the daemon as it is; its own page answers.
test.each([
  { name: EXPORTER, exec: `usr/bin/${EXPORTER}`, args: webArgs, path: '/metrics', says: 'node_exporter_build_info' },
  {
    name: 'prometheus-pushgateway',
    exec: 'usr/bin/prometheus-pushgateway',
    args: webArgs,
    path: '/metrics',
    says: 'pushgateway_build_info',
  },
  // In C, with libraries of the host. Its page is a file of the package, seen from the agent's own directory.
  {
    name: 'mini-httpd',
    exec: 'usr/sbin/mini_httpd',
    args: (port: number) => [
      '-D',
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-u',
      'root',
      '-d',
      '../current/usr/share/mini-httpd/html',
    ],
    path: '/index.html',
    says: 'It works!',
  },
])(
  'Debian’s $name is installed from its .deb, as it comes, and answers',
  async ({ name, exec, args, path, says }) => {
    const port = await freePort()
    const told = await install(await debianPackage(name), { name, exec, args: args(port) })
    expect(told).toMatch(/not run, as always: the package's .*postinst/)
    expect(await ask(`http://127.0.0.1:${port}${path}`)).toContain(says)
    await uninstall(name)
  },
  PATIENCE,
)

test.each(Object.keys(PACKERS))(
  'the same exporter packed as %s is installed, and answers',
  async (ending) => {
    const [name, port] = [`exporter${ending.replaceAll('.', '-')}`, await freePort()]
    const file = join(fleet.directory, `${name}-1.5.0${ending}`)
    PACKERS[ending]?.(tree, file)
    await install(file, { name, exec: `usr/bin/${EXPORTER}`, args: webArgs(port) })
    expect(await ask(`http://127.0.0.1:${port}/metrics`)).toContain('node_exporter_build_info')
    await uninstall(name)
  },
  PATIENCE,
)

// A30, D16: a package that says it is something else, or for another host, is never put in place.
test.each([
  ['another name', { name: 'logs' }, [], /calls the package logs, and the job says told-0.*package-contradicts/s],
  ['another version', { version: '2.0.0' }, [], /the version 2\.0\.0, and the job says 1.*package-contradicts/s],
  ['another processor', { arch: 's390x' }, [], /for s390x, and this host is .*platform-wrong/s],
  ['to need a newer BootAgent', { bootagent: '>=99.0.0' }, [], /needs BootAgent >=99\.0\.0, and this is .*bootagent-too-old/s],
  ['nothing, and its record says that it needs a newer BootAgent', {}, ['--bootagent', '>=99.0.0'], /bootagent-too-old/],
])('a package that says %s is refused, and both sides are named', async (_, manifest, options, says) => {
  const name = `told-${told++}`
  const root = join(fleet.directory, name)
  mkdirSync(root)
  writeFileSync(join(root, 'agent.json'), JSON.stringify(manifest))
  writeFileSync(join(root, 'run'), '#!/bin/sh\nexec sleep 1000\n', { mode: 0o755 })
  const file = join(fleet.directory, `${name}.tar.gz`)
  PACKERS['.tar.gz']?.(root, file)
  await expect(install(file, { name, exec: 'run', args: [] }, options)).rejects.toThrow(says)
  expect(existsSync(join(fleet.homeOf('host'), 'agents', name))).toBe(false)
})

function webArgs(port: number): string[] {
  return [`--web.listen-address=127.0.0.1:${port}`]
}

interface Installed {
  readonly name: string
  readonly exec: string
  readonly args: string[]
}

async function install(file: string, { name, exec, args }: Installed, options: string[] = []): Promise<string> {
  const given = args.flatMap((arg) => ['--arg', arg])
  await fleet.bootfleet('publish', file, '--name', name, '--package-version', '1', '--exec', exec, ...given, ...options)
  return fleet.bootfleet('install', name, '--all', '--wait')
}

async function uninstall(name: string): Promise<void> {
  await fleet.bootfleet('uninstall', name, '--all', '--wait')
}

/** A program needs a moment from its start until it listens. */
async function ask(url: string): Promise<string> {
  for (;;) {
    try {
      return await (await fetch(url)).text()
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
    }
  }
}
