import { LONGEST_SOCKET_PATH } from '../../control/private-socket.ts'
import { type Found, ok, warn } from './finding.ts'
import type { Tested } from './tested.ts'

/** Where operators at the host ask. */
export function checkSocket({ paths: { control } }: Tested): Found[] {
  const length = new TextEncoder().encode(control).length
  if (length <= LONGEST_SOCKET_PATH) return [ok(control)]
  const said = `${control} has ${length} bytes, and a socket's path at most ${LONGEST_SOCKET_PATH}: no status, start or stop at this host`
  return [warn(said, 'name a shorter --run')]
}
