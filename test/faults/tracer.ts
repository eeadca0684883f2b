import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'

/** What is done to which system call of a running process. */
export interface Injection {
  /** The thread that makes it: Node's own, or the one that works on the disk for it. */
  readonly thread: 'main' | 'disk'
  readonly call: keyof typeof CALLS
  /** What becomes of it: the process is killed before the call is made, or the call fails and nothing was done. */
  readonly effect: 'KILL' | 'ENOSPC' | 'EIO' | 'EMFILE' | 'ENFILE' | 'EROFS'
  /** Which of them, counted from 1. */
  readonly nth: number
  /** Whether all after it fail as well, until the tracer is taken away. */
  readonly onward?: boolean
  /** Only of this file. */
  readonly path?: string
}

/** By what names the kernel of one processor or another knows a call. */
const CALLS = {
  rename: '?rename,?renameat,?renameat2',
  link: '?link,?linkat',
  symlink: '?symlink,?symlinkat',
  unlink: '?unlink,?unlinkat',
  mkdir: '?mkdir,?mkdirat',
  rmdir: '?rmdir',
  openat: 'openat',
  write: 'write,pwrite64',
  fsync: 'fsync',
  close: 'close',
} as const

/** A strace at work on a process. */
export interface Tracer {
  /** Takes it away; the process goes on unharmed. Answers whether the injection has fired, by strace's own log. */
  stop(): Promise<boolean>
}

/**
 * Attaches to threads of a running process, and to nothing that it starts. Resolves once every one of them is held: the first call is
 * the first after that.
 */
export async function attach(pid: number, injection: Injection, log: string): Promise<Tracer> {
  const threads = readdirSync(`/proc/${pid}/task`).filter((id) => (id === String(pid)) === (injection.thread === 'main'))
  const strace = spawn('strace', [...optionsOf(injection), '-o', log, ...threads.flatMap((id) => ['-p', id])], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(strace, 'exit')
  await attached(strace.stderr, threads.length)
  return {
    async stop() {
      strace.kill('SIGTERM')
      await ended
      return hasFired(injection, readFileSync(log, 'latin1'))
    },
  }
}

/** What strace is told of an injection. */
export function optionsOf({ call, effect, nth, onward, path }: Injection): string[] {
  const calls = CALLS[call]
  const what = effect === 'KILL' ? 'signal=KILL' : `error=${effect}`
  const when = `when=${nth}${onward === true ? '+' : ''}`
  return ['-e', `trace=${calls}`, '-e', `inject=${calls}:${what}:${when}`, ...(path === undefined ? [] : ['-P', path])]
}

/** strace says one line for each thread it has taken hold of; a process that is gone says so at the end. */
async function attached(errors: Readable, threads: number): Promise<void> {
  let said = ''
  for await (const piece of errors.iterator({ destroyOnReturn: false })) {
    said += String(piece)
    if (said.split(' attached\n').length > threads) break
  }
  errors.resume()
}

/** Whether an injection has happened, by strace's log. A kill is proven by the call it came before: named there, with no answer. */
export function hasFired({ effect, call }: Injection, log: string): boolean {
  if (effect !== 'KILL') return log.includes('(INJECTED)')
  const name = CALLS[call].replaceAll('?', '').replaceAll(',', '|')
  return (
    log.includes('+++ killed by SIGKILL +++') &&
    new RegExp(`(${name})(\\(.*<unfinished \\.\\.\\.>| resumed>.*= \\?|\\(.*= \\?)`).test(log)
  )
}
