import { StepError } from '../errors.ts'
import { nameOf } from './name-of.ts'
import { quote } from './quote.ts'

const REDIRECTS = [301, 302, 303, 307, 308]

/**
 * Where an answer leads, undefined when it leads nowhere. Throws `fetch-redirect` when it leads to a weaker scheme than the one
 * it came by, or to one that no package is followed to. Where its host is, the gate judges.
 */
export function judgeRedirect(status: number, location: string | undefined, from: URL): URL | undefined {
  if (!REDIRECTS.includes(status)) return undefined
  const to = location === undefined || location === '' ? null : URL.parse(location, from.href)
  const weaker = from.protocol === 'https:' && to?.protocol !== 'https:'
  if (to !== null && (to.protocol === 'http:' || to.protocol === 'https:') && !weaker) return to
  // Shown without what may be a right to it.
  const shown = to === null ? quote(location ?? '') : quote(`${to.protocol}//${to.host}${to.pathname}`)
  throw new StepError('fetch-redirect', `${nameOf(from)} led to ${shown}, where a package is not followed to`)
}
