import { readdirSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import process from 'node:process'
import type { MachineFacts } from '../state/identity.ts'

/** What the host says of itself in every report. */
export interface HostFacts {
  readonly hostname: string
  /** `bootagent-1.2.4-x86_64` (seed 001, status report). */
  readonly version: string
  /** Another one after each boot. */
  readonly bootid: string
  readonly os: string
  readonly arch: string
}

/** The processor as rpm and uname name it, which is what the seed's version strings end with. */
const MACHINE: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' }

/** Reads them once, at start. */
export function readHostFacts(version: string): HostFacts {
  return {
    hostname: hostname() || 'localhost',
    version: `bootagent-${version}-${MACHINE[process.arch] ?? process.arch}`,
    bootid: readLine('/proc/sys/kernel/random/boot_id') ?? 'unknown',
    os: process.platform,
    arch: process.arch,
  }
}

/** What the machine can be known by; needed only at first start. */
export function readMachineFacts(): MachineFacts {
  return {
    dmi: readLine('/sys/class/dmi/id/product_uuid'),
    machineId: readLine('/etc/machine-id') ?? readLine('/var/lib/dbus/machine-id'),
    cards: readCards(),
    hostname: hostname(),
  }
}

/** Only cards with a device behind them: bridges and tunnels come and go, and share addresses. */
function readCards(): string[] {
  const root = '/sys/class/net'
  return namesIn(root).flatMap((card) => {
    const real = namesIn(`${root}/${card}`).includes('device')
    const address = real ? readLine(`${root}/${card}/address`) : undefined
    return address === undefined || /^[0:]*$/.test(address) ? [] : [address]
  })
}

/** Missing, or not ours to read: the next source is asked. */
const UNREADABLE: readonly (string | undefined)[] = ['ENOENT', 'EACCES', 'EPERM', 'ENODEV', 'ENOTDIR', 'EINVAL']

function readLine(path: string): string | undefined {
  return unlessUnreadable(() => readFileSync(path, 'utf8').trim()) || undefined
}

function namesIn(path: string): string[] {
  return unlessUnreadable(() => readdirSync(path)) ?? []
}

function unlessUnreadable<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    if (UNREADABLE.includes((error as NodeJS.ErrnoException).code)) return undefined
    throw error
  }
}
