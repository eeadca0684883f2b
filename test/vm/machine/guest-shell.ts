import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** How a script ended in the guest. */
export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The near end of the port that {@link SHELL_PROGRAM} has the far one of. */
export interface GuestShell {
  /** Resolves to the boot's id, each time the guest has come up; the first one from now on. */
  nextReady(): Promise<string>
  /** Rejects when the guest goes before it has answered. */
  run(script: string): Promise<Ran>
  /** Says what the guest is to do and waits for no answer, because none can come. */
  tell(script: string): void
  /** The guest is gone: whoever waits is told why. */
  close(why: string): void
}

interface Waiting<T> {
  readonly resolve: (value: T) => void
  readonly reject: (error: Error) => void
}

export function openGuestShell(from: Readable, to: Writable): GuestShell {
  const asked = new Map<string, Waiting<Ran>>()
  let listening: Waiting<string>[] = []
  let last = 0
  // The guest may be gone while we write; that it is, whoever waits is told by close.
  to.on('error', () => undefined)

  function hear(line: string): void {
    const [id = '', ...said] = line.split(' ')
    if (id === 'ready') {
      // What the boot before was asked, nobody will answer.
      refuse('the guest has started anew')
      for (const each of listening) each.resolve(said[0] ?? '')
      listening = []
      return
    }
    const [code, stdout = '', stderr = ''] = said
    asked.get(id)?.resolve({ code: Number(code), stdout: decode(stdout), stderr: decode(stderr) })
    asked.delete(id)
  }

  function refuse(why: string): void {
    for (const each of asked.values()) each.reject(new Error(why))
    asked.clear()
  }

  function send(script: string): string {
    last += 1
    to.write(`${last} =${Buffer.from(script).toString('base64')}\n`)
    return String(last)
  }

  createInterface({ input: from }).on('line', hear)
  return {
    nextReady: () => new Promise((resolve, reject) => listening.push({ resolve, reject })),
    run: (script) => new Promise((resolve, reject) => asked.set(send(script), { resolve, reject })),
    tell: (script) => void send(script),
    close(why) {
      refuse(why)
      for (const each of listening) each.reject(new Error(why))
      listening = []
    },
  }
}

function decode(text: string): string {
  return Buffer.from(text.slice(1), 'base64').toString()
}
