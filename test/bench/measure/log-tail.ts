import { closeSync, existsSync, openSync, readSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'

/** A log that a program writes, followed line by line: what a supervisor knows is measured by when it says so. */
export interface LogTail {
  /** Told of each whole line from now on; the function returned ends that. */
  onLine(listener: (line: string) => void): () => void
  /** Resolves with the next `count` lines that match; rejects when they have not all come in time. */
  next(
    what: string,
    matches: (line: string) => boolean,
    how?: { readonly count?: number; readonly seconds?: number },
  ): Promise<string[]>
  /** The last lines so far, for whoever must explain a failure. */
  ending(): string
  close(): void
}

const LINES_KEPT = 5

/** Follows a file that may not be there yet; it must not be rotated. */
export function followLog(path: string): LogTail {
  const listeners = new Set<(line: string) => void>()
  const buffer = Buffer.alloc(64 * 1024)
  let offset = 0
  let rest = ''
  let kept: readonly string[] = []
  const watcher = watch(dirname(path), (_event, name) => {
    if (name === basename(path)) read()
  })

  function read(): void {
    if (!existsSync(path)) return
    const file = openSync(path, 'r')
    try {
      for (
        let size = readSync(file, buffer, 0, buffer.length, offset);
        size > 0;
        size = readSync(file, buffer, 0, buffer.length, offset)
      ) {
        offset += size
        take(buffer.toString('latin1', 0, size))
      }
    } finally {
      closeSync(file)
    }
  }

  function take(text: string): void {
    const lines = `${rest}${text}`.split('\n')
    rest = lines.pop() ?? ''
    kept = [...kept, ...lines].slice(-LINES_KEPT)
    for (const line of lines) for (const listener of [...listeners]) listener(line)
  }

  const tail: LogTail = {
    onLine(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    next(what, matches, { count = 1, seconds = 120 } = {}) {
      const { promise, resolve, reject } = Promise.withResolvers<string[]>()
      const found: string[] = []
      const off = tail.onLine((line) => {
        if (matches(line)) found.push(line)
        if (found.length === count) resolve(found)
      })
      const timer = setTimeout(() => {
        reject(
          new Error(
            `${path} has ${found.length} of ${count} lines that say "${what}" after ${seconds} s; it ends with:\n${tail.ending()}`,
          ),
        )
      }, seconds * 1000)
      return promise.finally(() => {
        clearTimeout(timer)
        off()
      })
    },
    ending: () => kept.join('\n'),
    close: () => watcher.close(),
  }
  return tail
}
