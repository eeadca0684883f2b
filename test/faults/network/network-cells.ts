import type { Case, Cell, How } from '../cell.ts'
import { NETWORK_FAULTS, SERVER_KILLS } from './network-faults.ts'
import { fleetForNetwork, survive, surviveKill } from './survive.ts'

/** An install under all that the network does, and under each kill of the server: fields of the matrix. */
export const NETWORK: readonly Cell[] = [
  ...Object.entries(NETWORK_FAULTS).map(([fault, tried]) => ({
    scenario: 'install',
    fault,
    needs: 'nothing' as const,
    async *cases(_lab: unknown, how: How) {
      const wanted = chosen(tried, how)
      if (wanted.length === 0) return
      const fleet = await fleetForNetwork()
      try {
        for (const [name, each] of wanted) yield await look(name, () => survive(fleet, `${fault} ${name}`, each))
      } finally {
        await fleet.end()
      }
    },
  })),
  {
    scenario: 'install',
    fault: 'the server is killed',
    needs: 'nothing',
    async *cases(_lab, how) {
      for (const [name, kill] of chosen(SERVER_KILLS, how)) yield await look(name, () => surviveKill(name, kill))
    },
  },
]

/** None in a sample, which is run with the tests: network.test.ts is one of them, and tries them all. */
function chosen<Value>(tried: Readonly<Record<string, Value>>, { sample }: How): [string, Value][] {
  return sample ? [] : Object.entries(tried)
}

/** A case ends only when its fault has happened: the proxy says so, and waits for it. */
async function look(name: string, tries: () => Promise<string[]>): Promise<Case> {
  const problems = await tries()
  return { name, fired: true, outcome: problems.length === 0 ? 'done' : 'not as it should be', problems }
}
