import { type FSWatcher, watch } from 'node:fs'
import type { Log } from '@bootagent/runtime'

/** Tells of changes in one directory at a time. */
export interface Watcher {
  /** Watches this directory from now on, and no longer the one before. */
  follow(directory: string): void
  close(): void
}

/**
 * Makes exits known at once. It is a hint and no more: the host may have no watches left, and the kernel may drop events, so
 * whoever follows must look from time to time all the same.
 */
export function createWatcher(changed: () => void, log: Log): Watcher {
  let followed: string | undefined
  let watcher: FSWatcher | undefined

  function close(): void {
    watcher?.close()
    watcher = undefined
    followed = undefined
  }

  return {
    close,
    follow(directory) {
      if (directory === followed) return
      close()
      try {
        watcher = watch(directory, { persistent: false }, changed)
        watcher.on('error', (error) => log.warn({ err: error, directory }, 'no longer watched; looked at from time to time'))
        followed = directory
      } catch (error) {
        if (!UNWATCHABLE.includes((error as NodeJS.ErrnoException).code)) throw error
        log.warn({ err: error, directory }, 'cannot be watched; looked at from time to time')
      }
    },
  }
}

/** No watches left, no descriptors left, or already gone. */
const UNWATCHABLE: readonly (string | undefined)[] = ['ENOSPC', 'EMFILE', 'ENFILE', 'ENOENT']
