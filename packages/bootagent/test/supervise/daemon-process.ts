import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, readdirSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { groupKey } from '../../src/limits/group-key.ts'
import type { Metafile } from '../../src/state/metafile-schema.ts'
import type { Happening } from '../../src/supervise/happening.ts'
import { createHost, installAgents, type TestAgent, type TestHost } from './host.ts'
import { createNews, type News } from './news.ts'

/** Whom the daemon runs as. */
export interface User {
  readonly name: string
  readonly uid: number
}

/** Root, if we are, and somebody who is not. */
export const USERS: readonly User[] =
  process.getuid?.() === 0
    ? [
        { name: 'root', uid: 0 },
        { name: 'an ordinary user', uid: 65_534 },
      ]
    : [{ name: 'an ordinary user', uid: process.getuid?.() ?? 0 }]

/** A daemon in a process of its own, to be killed. */
export interface Daemon extends Omit<News, 'tell'> {
  readonly pid: number
  /** Resolves when it has answered, or died of being asked. */
  ask(request: string): Promise<void>
  kill(): Promise<void>
  /** Asks it to end, and resolves when it has. */
  end(): Promise<void>
  /** Resolves with what killed it. */
  died(): Promise<string | null>
}

/** A host with these agents on record, all its files the user's. Removed with the test. */
export function createHostOf(user: User, agents: Readonly<Record<string, TestAgent>>): TestHost {
  const host = createHost()
  onTestFinished(() => host.remove())
  writeFileSync(host.paths.metafile, JSON.stringify(installAgents(host, agents) satisfies Metafile))
  if (process.getuid?.() === 0) giveTo(user, host.root)
  return host
}

/** Starts a daemon that has taken over what it found; one that is to die on the way resolves as well. */
export async function startDaemon(host: TestHost, user: User, crashAt?: string): Promise<Daemon> {
  const daemon = new URL('./daemon.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [daemon, host.paths.home, host.paths.run, groupKey(host.paths.home)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...(crashAt === undefined ? {} : { BOOTAGENT_CRASH_AT: crashAt }) },
    cwd: '/',
    ...(process.getuid?.() === 0 ? { uid: user.uid, gid: user.uid } : {}),
  })
  const exited = once(child, 'exit').then(([, signal]) => signal as string | null)
  onTestFinished(() => kill(child, exited))
  const news = createNews()
  const answers = listen(child, news)
  // A request that kills it breaks the pipe.
  child.stdin.on('error', () => undefined)
  await Promise.race([answers.next('adopted-all'), exited])
  return {
    pid: child.pid ?? 0,
    hear: news.hear,
    heard: news.heard,
    died: () => exited,
    kill: () => kill(child, exited),
    async end() {
      child.stdin.end()
      await exited
    },
    async ask(request) {
      child.stdin.write(`${request}\n`)
      await Promise.race([answers.next('answer'), exited])
    },
  }
}

function listen(child: ChildProcess, news: News): { next(kind: string): Promise<void> } {
  const expected: { kind: string; resolve: () => void }[] = []
  if (child.stdout === null) throw new Error('the daemon has no stdout')
  createInterface(child.stdout).on('line', (line) => {
    const message = JSON.parse(line) as Happening | { kind: 'answer' } | { kind: 'adopted-all' }
    const at = expected.findIndex(({ kind }) => kind === message.kind)
    if (at >= 0) expected.splice(at, 1)[0]?.resolve()
    else if (message.kind !== 'answer' && message.kind !== 'adopted-all') news.tell(message)
  })
  return { next: (kind) => new Promise((resolve) => expected.push({ kind, resolve })) }
}

async function kill(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  child.kill('SIGKILL')
  await exited
}

function giveTo(user: User, root: string): void {
  chownSync(root, user.uid, user.uid)
  for (const entry of readdirSync(root, { recursive: true })) chownSync(`${root}/${String(entry)}`, user.uid, user.uid)
}
