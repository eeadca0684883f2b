import { Agentsn } from '@bootagent/protocol'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { fingerprint, firstIdentity, type MachineFacts } from './identity.ts'

const DMI = '4c4c4544-0042-3510-8052-b4c04f4e3132'
const MACHINE_ID = '4f2b7a0c9d8e4f1a8b3c5d6e7f809142'
const RANDOM = '11111111-2222-4333-8444-555555555555'
const NOTHING: MachineFacts = { dmi: undefined, machineId: undefined, cards: [], hostname: 'web-1' }

function identityOf(facts: Partial<MachineFacts>, given?: string) {
  return firstIdentity({ ...NOTHING, ...facts }, given, RANDOM)
}

describe('a host claims', () => {
  test('what it was given, before all it could know itself', () => {
    expect(identityOf({ dmi: DMI, machineId: MACHINE_ID }, 'lab-7')).toMatchObject({
      agentsn: 'lab-7',
      source: 'given',
      standing: 'claimed',
    })
  })

  test('its DMI product UUID, in lower case however the vendor wrote it', () => {
    expect(identityOf({ dmi: `${DMI.toUpperCase()}\n`, machineId: MACHINE_ID })).toMatchObject({ agentsn: DMI, source: 'dmi' })
  })

  test('without one, an id derived from machine-id: the same at every start', () => {
    const identity = identityOf({ machineId: MACHINE_ID })
    expect(identity).toMatchObject({ agentsn: identityOf({ machineId: `${MACHINE_ID}\n` }).agentsn, source: 'machine-id' })
    expect(identity.agentsn).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  // machine-id(5): it must not be exposed on a network.
  test('never machine-id itself', () => {
    expect(identityOf({ machineId: MACHINE_ID }).agentsn.replaceAll('-', '')).not.toContain(MACHINE_ID.slice(0, 8))
  })

  test('a random id where the machine has nothing of its own', () => {
    expect(identityOf({})).toMatchObject({ agentsn: RANDOM, source: 'random' })
  })

  test.each([{ dmi: DMI }, { machineId: MACHINE_ID }, {}])('what the protocol takes as an agentsn: %j', (facts) => {
    expect(v.is(Agentsn, identityOf(facts).agentsn)).toBe(true)
  })
})

// Two hosts with one of these would be one host to the server.
test.each([
  '00000000-0000-0000-0000-000000000000',
  'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  '03000200-0400-0500-0006-000700080009',
  '12345678-1234-5678-90AB-CDDEEFAABBCC',
  'Not Settable',
  'To be filled by O.E.M.',
  '',
])('a DMI UUID that vendors ship in many machines is no identity: %j', (dmi) => {
  expect(identityOf({ dmi, machineId: MACHINE_ID }).source).toBe('machine-id')
})

test.each(['', '0'.repeat(32), 'uninitialized', MACHINE_ID.slice(1), MACHINE_ID.toUpperCase()])(
  'a machine-id that is none is not used: %j',
  (machineId) => {
    expect(identityOf({ machineId }).source).toBe('random')
  },
)

describe('the fingerprint', () => {
  const facts: MachineFacts = {
    dmi: DMI,
    machineId: MACHINE_ID,
    cards: ['02:00:00:00:00:01', '02:00:00:00:00:02'],
    hostname: 'web-1',
  }

  test('is the same however the kernel lists the cards', () => {
    expect(fingerprint({ ...facts, cards: facts.cards.toReversed() })).toBe(fingerprint(facts))
  })

  // A clone shares the disk and so the machine-id, but not the cards.
  test.each<[string, Partial<MachineFacts>]>([
    ['cards', { cards: ['02:00:00:00:00:03'] }],
    ['machine-id', { machineId: '0'.repeat(31).concat('1') }],
    ['DMI UUID', { dmi: undefined }],
    ['hostname', { hostname: 'web-2' }],
  ])('tells machines with different %s apart', (_, changes) => {
    expect(fingerprint({ ...facts, ...changes })).not.toBe(fingerprint(facts))
  })

  test('tells nobody what it was made of', () => {
    expect(fingerprint(facts)).toMatch(/^[0-9a-f]{32}$/)
  })
})
