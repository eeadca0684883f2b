import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Fleet } from '../../fleet.ts'
import { NETWORK_FAULTS, SERVER_KILLS } from './network-faults.ts'
import { fleetForNetwork, survive, surviveKill } from './survive.ts'

let fleet: Fleet

beforeAll(async () => {
  fleet = await fleetForNetwork()
})

afterAll(() => fleet.end())

describe.concurrent.each(Object.entries(NETWORK_FAULTS))(
  '%s: the agent runs, once, and there is one true result',
  (scenario, cases) => {
    test.each(Object.entries(cases))('%s', { timeout: 240_000 }, async (name, each) => {
      expect(await survive(fleet, `${scenario} ${name}`, each)).toEqual([])
    })
  },
)

describe('the server is killed: the agent runs, once, and there is one true result', () => {
  test.each(Object.entries(SERVER_KILLS))('%s', { timeout: 240_000 }, async (name, kill) => {
    expect(await surviveKill(name, kill)).toEqual([])
  })
})
