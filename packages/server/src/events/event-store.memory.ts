import { type ArrivedEvent, type EventStore, PRUNED_AT_ONCE } from './event-store.ts'

/** Events in memory, for tests of what is built on the port; it passes the same contract as the database. */
export function memoryEventStore(): EventStore {
  let kept: readonly ArrivedEvent[] = []
  const allOf = (agentsn: string) => kept.filter((each) => each.agentsn === agentsn)
  return {
    async add(arrived) {
      const known = allOf(arrived.agentsn).some(({ event }) => event.id === arrived.event.id)
      if (!known) kept = [...kept, arrived]
    },
    async prune({ agentsn, most, before }) {
      const own = allOf(agentsn)
      const tooMany = Math.max(0, own.length - most)
      const surplus = own.filter(({ received }, at) => at < tooMany || received < before).slice(0, PRUNED_AT_ONCE)
      kept = kept.filter((each) => !surplus.includes(each) || each === kept.at(-1))
    },
    of: async (agentsn) =>
      allOf(agentsn)
        .map(({ event }) => event)
        .toReversed(),
  }
}
