import type { Deed, History } from './deed.ts'

/** A history that is part of another: which of its deeds are left, by their places there. */
export interface Shrunk {
  readonly history: History
  readonly kept: readonly number[]
  /** How many histories were played to find it. */
  readonly tries: number
}

/** Whether a history still shows what is looked for. */
export type Shows = (history: History) => Promise<boolean>

/**
 * Leaves out of a history whatever it does not take to show the same thing: deeds by delta debugging, in parts that get smaller and
 * smaller until no single one can be spared, then hosts. Each purpose has its own stream of chance, so that what is left meets the
 * same chance as before.
 */
export async function shrink(history: History, shows: Shows): Promise<Shrunk> {
  let tries = 0
  const all = history.deeds.map((_, at) => at)
  const showsWith = async (places: readonly number[], hosts: readonly number[]) => {
    tries += 1
    return await shows(part(history, places, hosts))
  }
  let hosts = history.hosts
  let kept = await spare(all, (places) => showsWith(places, hosts))
  for (const host of history.hosts) {
    const others = hosts.filter((each) => each !== host)
    if (others.length > 0 && (await showsWith(kept, others))) hosts = others
  }
  kept = await spare(kept, (places) => showsWith(places, hosts))
  return { history: part(history, kept, hosts), kept, tries }
}

/** The part of a history that is about these deeds and hosts. */
export function part({ deeds, ...rest }: History, places: readonly number[], hosts: readonly number[]): History {
  const chosen = places.flatMap((at) => {
    const deed = deeds[at]
    return deed === undefined ? [] : onHosts(deed, hosts)
  })
  return { ...rest, hosts, deeds: chosen }
}

function onHosts(deed: Deed, hosts: readonly number[]): readonly Deed[] {
  if (deed.kind === 'server dies' || deed.kind === 'cancel') return [deed]
  if (deed.kind !== 'order') return hosts.includes(deed.host) ? [deed] : []
  const left = deed.hosts.filter((host) => hosts.includes(host))
  return left.length === 0 ? [] : [{ ...deed, hosts: left }]
}

/** Delta debugging: removes parts as long as what is left still shows it. */
async function spare(
  places: readonly number[],
  shows: (places: readonly number[]) => Promise<boolean>,
): Promise<readonly number[]> {
  let left = places
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < left.length; ) {
      const without = [...left.slice(0, at), ...left.slice(at + size)]
      if (without.length < left.length && (await shows(without))) left = without
      else at += size
    }
  }
  return left
}
