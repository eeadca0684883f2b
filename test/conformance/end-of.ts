import type { ChildProcess } from 'node:child_process'

/** Resolves when a process has ended, or could not be started, to how: its exit code, its signal, or the system's word. */
export function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve(message))
    child.once('exit', (code, signal) => resolve(String(signal ?? code)))
  })
}
