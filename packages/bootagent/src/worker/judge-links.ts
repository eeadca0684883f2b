/** Symbolic links by their path inside the release, with relative targets. */
export type Links = ReadonlyMap<string, string>

/** The kernel's own limit of links in one resolution (path_resolution(7)). */
const MOST_HOPS = 40

/**
 * Why a symbolic link may not be kept; undefined when every step of its resolution stays inside the release. Steps are
 * walked as the kernel walks them, other links of the archive included: `..` behind a link climbs from where the link led.
 */
export function linkFault(path: string, links: Links): string | undefined {
  const ahead = partsOf(links.get(path) ?? '')
  const here = parentOf(path)
  let hops = 0
  for (let part = ahead.shift(); part !== undefined; part = ahead.shift()) {
    if (part === '..') {
      if (here.pop() === undefined) return 'leads out of the package'
      continue
    }
    here.push(part)
    const target = links.get(here.join('/'))
    if (target === undefined) continue
    hops += 1
    if (hops > MOST_HOPS) return 'leads in a circle'
    here.pop()
    ahead.unshift(...partsOf(target))
  }
  return undefined
}

/** An absolute target, meant for `/`, as the relative one that leads to the same place with the release as root. */
export function rerootTarget(path: string, target: string): string {
  const relative = [...parentOf(path).map(() => '..'), ...partsOf(target)].join('/')
  return relative === '' ? '.' : relative
}

function parentOf(path: string): string[] {
  return path.split('/').slice(0, -1)
}

function partsOf(target: string): string[] {
  return target.split('/').filter((part) => part !== '' && part !== '.')
}
