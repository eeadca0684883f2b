import { findLockHolder } from '../lock-holder.ts'
import { runLockOf } from '../lock.ts'
import type { Found } from './finding.ts'
import { judgeLock } from './judge-lock.ts'
import type { Tested } from './tested.ts'

export function checkLock({ paths }: Tested): Found[] {
  return [judgeLock({ home: findLockHolder(paths.lock), run: findLockHolder(runLockOf(paths)) }, paths)]
}
