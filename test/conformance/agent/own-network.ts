import { execFile } from 'node:child_process'
import { networkInterfaces } from 'node:os'
import process from 'node:process'
import { promisify } from 'node:util'

/** The one server of the seed's own status reply. */
export const SEED_SERVER = { host: '192.168.9.1', port: 1234 }

/** True only where that address is this machine's own and the loopback is the only way to go: nothing can leave. */
export function isOwnNetwork(): boolean {
  const { lo = [], ...others } = networkInterfaces()
  return Object.keys(others).length === 0 && lo.some(({ address }) => address === SEED_SERVER.host)
}

/** Opens a network that ends with the command after it, gives its loopback the address, and becomes the command. */
const OPEN = ['--net', 'sh', '-c', `ip link set lo up && ip address add ${SEED_SERVER.host}/32 dev lo && exec "$0" "$@"`]

/** Why no such network can be opened here; undefined when one can. */
export async function whyNoOwnNetwork(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'a network of its own needs root'
  return promisify(execFile)('unshare', [...OPEN, 'true']).then(
    () => undefined,
    (error: Error) => `no network of its own can be opened here: ${error.message.trim().split('\n').at(-1)}`,
  )
}

/** Runs a command in a network of its own; resolves with what it printed, whatever it ended with. */
export async function runInOwnNetwork(command: readonly [string, ...string[]]): Promise<string> {
  const inside = promisify(execFile)('unshare', [...OPEN, ...command])
  const { stdout } = await inside.catch((error: Error & { stdout?: string }) => {
    if (error.stdout) return { stdout: error.stdout }
    throw error
  })
  return stdout
}
