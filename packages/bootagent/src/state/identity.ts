import { createHash, createHmac } from 'node:crypto'
import type { Identity } from './metafile-schema.ts'

/** What a machine can be known by; each may be missing. */
export interface MachineFacts {
  /** The DMI product UUID. */
  readonly dmi: string | undefined
  /** machine-id(5): 32 hexadecimal digits. */
  readonly machineId: string | undefined
  /** Hardware addresses of its network cards. */
  readonly cards: readonly string[]
  readonly hostname: string
}

/** UUIDs that vendors ship in many machines at once. */
const WORTHLESS_DMI =
  /^(?:0{8}-(?:0{4}-){3}0{12}|f{8}-(?:f{4}-){3}f{12}|03000200-0400-0500-0006-000700080009|12345678-1234-5678-90ab-cddeefaabbcc)$/

/** Separates our ids from those that others derive of the same machine-id. */
const PURPOSE = 'bootagent agentsn'

/**
 * Who a host is before any server has said so: the DMI product UUID, else one derived from machine-id, else a random one.
 * `given` (for labs and images) goes before all. `random` is a fresh UUID.
 */
export function firstIdentity(facts: MachineFacts, given: string | undefined, random: string): Identity {
  const machine = fingerprint(facts)
  const claim = (agentsn: string, source: Identity['source']): Identity => ({ agentsn, source, machine, standing: 'claimed' })
  if (given !== undefined) return claim(given, 'given')
  const dmi = facts.dmi?.trim().toLowerCase()
  if (dmi !== undefined && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(dmi) && !WORTHLESS_DMI.test(dmi))
    return claim(dmi, 'dmi')
  const id = facts.machineId?.trim()
  if (id !== undefined && /^[0-9a-f]{32}$/.test(id) && !/^0+$/.test(id)) return claim(derive(id), 'machine-id')
  return claim(random, 'random')
}

/** Tells a repeat of one machine from a clone of it: clones share the disk, and so the machine-id, but not the cards. */
export function fingerprint(facts: MachineFacts): string {
  const parts = [facts.dmi ?? '', facts.machineId ?? '', facts.hostname, ...[...facts.cards].sort()]
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32)
}

/** machine-id(5) asks that the id itself never leaves the host: a keyed hash of it, in the form of a version 4 UUID. */
function derive(machineId: string): string {
  const digits = createHmac('sha256', Buffer.from(machineId, 'hex')).update(PURPOSE).digest('hex')
  const variant = ((Number.parseInt(digits.charAt(16), 16) & 0x3) | 0x8).toString(16)
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join('-')
}
