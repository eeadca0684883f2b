import { parseServerList, type ServerAddress } from '@bootagent/protocol'

/** All servers in order: the metafile's list, then the list baked in at build time, which is always there. */
export function allServers(svrlist: string, baked: string): ServerAddress[] {
  return [...serversOf(svrlist), ...serversOf(baked)]
}

/** The servers of one round, starting with the one that answered last: each is asked once, in order. */
export function roundFrom<Server>(servers: readonly Server[], current: number): { index: number; server: Server }[] {
  return servers.map((_, offset) => {
    const index = (current + offset) % servers.length
    return { index, server: servers[index] as Server }
  })
}

function serversOf(list: string): ServerAddress[] {
  const parsed = parseServerList(list)
  return 'servers' in parsed ? parsed.servers : []
}
