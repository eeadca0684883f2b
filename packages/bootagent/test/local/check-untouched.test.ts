import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { formatServer } from '@bootagent/protocol'
import { runProgram } from '@bootagent/runtime/testing'
import { expect, test } from 'vitest'
import { pointLinks } from '../../src/execute/links.ts'
import { treePath } from '../../src/state/paths.ts'
import { startBootAgent, createHostWith, bootagent } from '../control/daemon.ts'
import { answerJson, listenHttp, type TestServer } from '../remote/servers.ts'
import { exampleAgent, exampleRelease, OLD } from '../scenes/example-metafile.ts'
import { createTestedHost, type TestedHost } from './tested-host.ts'

/** Everything in a directory: kind, mode, owner, times and content of each. */
function pictureOf(directory: string): Record<string, string> {
  const names = ['', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })]
  return Object.fromEntries(names.map((name) => [name, describeEntry(join(directory, name))]))
}

function describeEntry(path: string): string {
  const { ino, mode, uid, gid, size, mtimeMs, ctimeMs, nlink } = lstatSync(path)
  const kind = (mode & 0o170_000).toString(8)
  const content =
    kind === '100000'
      ? createHash('sha256').update(readFileSync(path)).digest('hex')
      : kind === '120000'
        ? readlinkSync(path)
        : ''
  return [ino, mode.toString(8), uid, gid, size, mtimeMs, ctimeMs, nlink, content].join(' ')
}

/** A server that writes down what it is asked, and a host of it with an agent of another user. */
async function createScene(): Promise<{ host: TestedHost; server: TestServer; asked: string[] }> {
  const asked: string[] = []
  const server = await listenHttp(({ method, url }, response) => {
    asked.push(`${method} ${url}`)
    answerJson(response, {})
  })
  const record = exampleAgent({ releases: { [OLD]: exampleRelease({ run: { exec: 'metrics', user: 'nobody' } }) } })
  const host = createTestedHost({ svrlist: formatServer(server), agents: { metrics: record } })
  mkdirSync(treePath(host.paths, 'metrics', OLD), { recursive: true })
  writeFileSync(`${treePath(host.paths, 'metrics', OLD)}/metrics`, '#!/bin/sh\n', { mode: 0o755 })
  await pointLinks(host.paths, 'metrics', record)
  return { host, server, asked }
}

/** Calls that change something outside a process: a file, another process, a name for others to connect to. */
const CHANGES =
  'openat,open,creat,mkdir,mkdirat,rmdir,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,symlinkat,mknod,mknodat,' +
  'chmod,fchmod,fchmodat,chown,fchown,fchownat,lchown,truncate,ftruncate,utimensat,setxattr,mount,umount2,bind,listen,kill,tgkill,execve'

test('nothing is written, and nothing but the host’s own word about a user is asked for by a program', async () => {
  const { host, asked } = await createScene()
  const before = pictureOf(host.root)
  const trace = `${host.root}.strace`
  const { code, stdout, stderr } = await runProgram(
    ['strace', '-f', '-qq', '-o', trace, '-e', `trace=${CHANGES}`, ...host.command()],
    // It would write what it has compiled, which is the test's wish and not the program's.
    { NODE_COMPILE_CACHE: '' },
  )
  const lines = readFileSync(trace, 'utf8').split('\n')
  await runProgram(['rm', trace])
  expect([stderr, stdout.split('\n').at(-2), code]).toEqual(['', 'Success', 0])
  expect(pictureOf(host.root)).toEqual(before)
  expect(asked).toEqual(['GET /health'])

  const done = lines.filter((line) => /\) += \d/.test(line)).map((line) => line.replace(/^\d+ +/, ''))
  const opened = done.filter((line) => /^open(at)?\(/.test(line))
  expect(opened.length).toBeGreaterThan(10)
  expect(opened.filter((line) => /O_(WRONLY|RDWR|CREAT|TRUNC)/.test(line) && !line.includes('"/dev/null"'))).toEqual([])
  const others = done.filter((line) => !/^open(at)?\(/.test(line))
  const programs = others.filter((line) => line.startsWith('execve(')).map((line) => /"([^"]*)"/.exec(line)?.[1] ?? line)
  expect(programs[0]).toBe(process.execPath)
  expect(new Set(programs.slice(1))).toEqual(new Set(['/usr/bin/id']))
  expect(others.filter((line) => !line.startsWith('execve('))).toEqual([])
})

test('a host that was never started stays so', async () => {
  const { server, asked } = await createScene()
  const host = createTestedHost()
  const before = pictureOf(host.root)
  const { code } = await runProgram(host.command('-S', formatServer(server)))
  expect(code).toBe(0)
  expect(pictureOf(host.root)).toEqual(before)
  expect(asked).toEqual(['GET /health'])
})

test('a BootAgent that runs, and its agents, notice nothing of it', async () => {
  const host = createHostWith({ metrics: { fixture: 'runs-forever' } })
  const daemon = await startBootAgent(host)
  const status = async () => JSON.parse((await bootagent(host, 'status', '--json')).data) as { agents: { pid?: number }[] }
  const [agent] = (await status()).agents
  const { code, data, talk } = await bootagent(host, '-T', '--offline', '-c', `${host.root}/config.json`)
  expect(talk).toBe('')
  expect(data).toMatch(new RegExp(`^warn +lock +BootAgent runs on this home, as process ${daemon.pid};`, 'm'))
  expect(data).toMatch(/^Success$/m)
  expect(code).toBe(0)
  expect((await status()).agents[0]?.pid).toBe(agent?.pid)
})
