import { proxiesIn } from '../proxies.ts'
import { type Found, ok, warn } from './finding.ts'
import type { Tested } from './tested.ts'

/** By whom downloads go. Reports go straight to the servers. */
export function checkProxies({ config, env }: Tested): Found[] {
  if (config.kind === 'unusable') return []
  const own = config.config.proxy
  const { proxies, refused } = own === undefined ? proxiesIn(env) : { proxies: own, refused: [] }
  const from = own === undefined ? 'the environment' : 'the local configuration'
  const named = (['http', 'https'] as const).flatMap((kind) => {
    const url = URL.parse(proxies[kind] ?? '')
    // Without its login.
    return url === null ? [] : [`${kind} by ${url.protocol}//${url.host}`]
  })
  const except = proxies.none === undefined || named.length === 0 ? '' : `, not for ${proxies.none}`
  const said = named.length === 0 ? ok('none: downloads go straight') : ok(`${named.join(', ')}${except} (${from})`)
  return [said, ...refused.map((why) => warn(why, 'correct it, or name one as "proxy" in the local configuration'))]
}
