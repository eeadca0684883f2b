import { foreseeDriver } from '../../limits/foresee-driver.ts'
import { type Found, ok, warn } from './finding.ts'
import type { Tested } from './tested.ts'

/** What limits would be held by. It is looked and not tried: only a start tries, since that makes control groups. */
export function checkLimits({ config }: Tested): Found[] {
  const forced = config.kind === 'ok' ? config.config.limits.driver : undefined
  const { kind, against, missing } = foreseeDriver(forced === undefined ? {} : { forced })
  const whyNot = against.length === 0 ? '' : ` (${against.join('; ')})`
  if (kind === 'none' && forced === 'none') return [ok('none, as the configuration says: limits are watched only')]
  if (kind === 'none')
    return [warn(`no control groups${whyNot}: limits would be watched only`, 'mount /sys/fs/cgroup, and run as root')]
  const said = `${kind} would be tried${against.length === 0 ? '' : ' first'}${whyNot}`
  if (missing.length === 0) return [ok(said)]
  return [
    warn(
      `${said}; nothing here holds ${missing.join(', ')}`,
      'such limits are advisory; the kernel can be given the controllers',
    ),
  ]
}
