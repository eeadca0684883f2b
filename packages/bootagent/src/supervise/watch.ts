import { type FSWatcher, watch } from 'node:fs'
import type { Log } from '@bootagent/runtime'

/** Tells of changes in one directory at a time. */
export interface Watcher {
  /**
   * Watches this directory from now on, with the file of its group's events, and no longer the one before. Events that are not there yet, since
   * who is started makes its group, are watched by the next call.
   */
  follow(directory: string, events?: string): void
  close(): void
}

/**
 * Makes exits known at once. It is a hint and no more: the host may have no watches left, and the kernel may drop events, so
 * whoever follows must look from time to time all the same.
 */
export function createWatcher(changed: () => void, log: Log): Watcher {
  let followed: string | undefined
  let watchers: FSWatcher[] = []
  let hasEvents = false

  function close(): void {
    for (const watcher of watchers) watcher.close()
    watchers = []
    followed = undefined
    hasEvents = false
  }

  /** False when it is not there. */
  function watchOne(path: string): boolean {
    try {
      const watcher = watch(path, { persistent: false }, changed)
      watcher.on('error', (error) => log.warn({ err: error, path }, 'no longer watched; looked at from time to time'))
      watchers.push(watcher)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
      if (!UNWATCHABLE.includes((error as NodeJS.ErrnoException).code)) throw error
      log.warn({ err: error, path }, 'cannot be watched; looked at from time to time')
      return true
    }
  }

  return {
    close,
    follow(directory, events) {
      if (directory !== followed || watchers.length === 0) {
        close()
        followed = directory
        watchOne(directory)
      }
      // Told also when the shim was killed, and nobody is left to write into the directory.
      if (events !== undefined && !hasEvents) hasEvents = watchOne(events)
    },
  }
}

/** No watches left, no descriptors left, or a file that takes none. */
const UNWATCHABLE: readonly (string | undefined)[] = ['ENOSPC', 'EMFILE', 'ENFILE', 'EPERM']
