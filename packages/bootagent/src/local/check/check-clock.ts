import { systemClock } from '@bootagent/runtime'
import { readBootId } from '../../supervise/process-identity.ts'
import { fail, type Found, ok } from './finding.ts'
import { judgeClock, latestTimeIn } from './judge-clock.ts'
import { metafileOf, type Tested } from './tested.ts'

/** The wall clock. */
export function checkClock(tested: Tested): Found[] {
  const metafile = metafileOf(tested)
  const recorded = metafile === undefined ? undefined : latestTimeIn(metafile)
  return [judgeClock({ now: tested.now, built: tested.build.date, recorded })]
}

/** The clock since boot: restarts, trials and the identity of processes go by it. */
export function checkBoot(): Found[] {
  const uptime = systemClock.uptime()
  const bootid = readBootId()
  if (Number.isFinite(uptime) && uptime > 0 && bootid !== '')
    return [ok(`${Math.floor(uptime)} s since boot ${bootid.slice(0, 8)}`)]
  return [fail('the time since boot, or the id of the boot, cannot be read', 'see that /proc is mounted')]
}
