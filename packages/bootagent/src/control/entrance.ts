import { rm } from 'node:fs/promises'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { isSocketAt, listenPrivately, LONGEST_SOCKET_PATH } from './private-socket.ts'

/** A place where requests come in. */
export interface Entrance {
  /** Where it is, for the log. */
  readonly where: string
  /** Why it can never be opened; undefined when it can. */
  readonly impossible: string | undefined
  /** Throws what the system says. */
  open(server: Server): Promise<void>
  /** Whether whoever comes still finds it. */
  isOpen(): Promise<boolean>
  /** Takes away what stands for it. */
  clear(): Promise<void>
}

/** A unix socket that is ours alone. */
export function socketEntrance(path: string): Entrance {
  let inode: number | undefined
  const length = Buffer.byteLength(path)
  return {
    where: path,
    impossible:
      length <= LONGEST_SOCKET_PATH ? undefined : `its path has ${length} bytes, and the kernel takes ${LONGEST_SOCKET_PATH}`,
    async open(server) {
      inode = await listenPrivately(server, path)
    },
    isOpen: async () => inode !== undefined && (await isSocketAt(path, inode)),
    async clear() {
      if (inode !== undefined && (await isSocketAt(path, inode))) await rm(path, { force: true })
      inode = undefined
    },
  }
}

/** A port of this host. */
export function portEntrance({ address, port }: { readonly address: string; readonly port: number }): Entrance {
  let listening: Server | undefined
  return {
    where: `${address} port ${port}`,
    impossible: undefined,
    async open(server) {
      server.listen(port, address)
      await once(server, 'listening')
      listening = server
    },
    isOpen: async () => listening?.listening === true,
    clear: async () => undefined,
  }
}
