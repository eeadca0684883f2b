import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { appendFileSync, openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import process from 'node:process'
import type { Readable } from 'node:stream'

export type Line = Readonly<Record<string, unknown>>

/** A program of ours that logs JSON lines, and what it has said. */
export interface Program {
  readonly pid: number
  /** The first line, said already or still to come, that answers; rejects when the program ends before. */
  line(answers: (line: Line) => boolean): Promise<Line>
  /** The first line that answers from now on. */
  nextLine(answers: (line: Line) => boolean): Promise<Line>
  onLine(listener: (line: Line) => void): void
  /** Resolves when it has ended. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Lets this process end while the program goes on. */
  letGo(): void
  readonly ended: Promise<string>
}

/** How a program is started. */
export interface Start {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  /** A file for what it says. */
  readonly output: string
  /** Ours when absent. */
  readonly env?: Readonly<Record<string, string>>
}

/** Starts it in a session of its own, so that Ctrl-C reaches us alone and we end things in order. */
export function startProgram(name: string, how: Start): Program {
  const errors = openSync(how.output, 'a')
  const child = spawn(how.command, how.args, {
    cwd: how.cwd,
    env: how.env ?? process.env,
    detached: true,
    stdio: ['ignore', 'pipe', errors],
  }) as ChildProcessByStdio<null, Readable, null>
  const said: Line[] = []
  const listeners = new Set<(line: Line) => void>()
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(`${name} ended (${signal ?? code}); it said why in ${how.output}`))
  })
  createInterface({ input: child.stdout }).on('line', (text) => {
    appendFileSync(how.output, `${text}\n`)
    const line = parse(text)
    if (line === undefined) return
    said.push(line)
    for (const listener of listeners) listener(line)
  })

  function nextLine(answers: (line: Line) => boolean): Promise<Line> {
    return new Promise((resolve, reject) => {
      const listener = (line: Line) => {
        if (!answers(line)) return
        listeners.delete(listener)
        resolve(line)
      }
      listeners.add(listener)
      void ended.then((why) => reject(new Error(why)))
    })
  }

  return {
    pid: child.pid ?? 0,
    ended,
    onLine(listener) {
      said.forEach(listener)
      listeners.add(listener)
    },
    nextLine,
    line(answers) {
      const before = said.find(answers)
      return before === undefined ? nextLine(answers) : Promise.resolve(before)
    },
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      await ended
    },
    letGo() {
      child.unref()
      child.stdout.destroy()
    },
  }
}

function parse(text: string): Line | undefined {
  return text.startsWith('{') ? (JSON.parse(text) as Line) : undefined
}
