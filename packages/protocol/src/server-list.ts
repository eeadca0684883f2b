import { excerpt } from './excerpt.ts'

/** One control server to talk to. */
export interface ServerAddress {
  readonly protocol: 'http' | 'https'
  /** A name, an IPv4 address, or an IPv6 address in its brackets, as a URL holds it. */
  readonly host: string
  readonly port: number
}

/** Where the server listens when nobody says otherwise. */
export const DEFAULT_PORT = 8180

/**
 * Reads `SVR1:PORT,SVR2,https://SVR3` (seed 001, server addresses): comma-separated, empty items ignored, duplicates kept,
 * http and port 8180 by default. A bad entry refuses the whole list and is named.
 */
export function parseServerList(list: string): { servers: ServerAddress[] } | { refused: string } {
  const servers: ServerAddress[] = []
  if (list.length > 4096) return { refused: `the server list has ${list.length} characters: at most 4096 are taken` }
  for (const item of list.split(',').map((each) => each.trim())) {
    if (item === '') continue
    const server = parseServer(item)
    if (server === undefined)
      return { refused: `"${excerpt(item, 80)}" is not a server: write host, host:port, [ipv6]:port or a http(s) URL` }
    servers.push(server)
  }
  return { servers }
}

/** `http://host:port`, the form that logs and messages use. */
export function formatServer(server: ServerAddress): string {
  return `${server.protocol}://${server.host}:${server.port}`
}

/**
 * Scheme, host, port. The port is read here because URL drops a scheme's own (`http://a:80`), and ours is 8180: a written 80
 * must be kept.
 */
const ENTRY = /^(?:(https?):\/\/)?(\[[0-9a-f:.]+\]|[\p{L}\p{N}._-]+)(?::(\d{1,5}))?\/?$/iu

function parseServer(item: string): ServerAddress | undefined {
  const [, scheme, written = '', digits] = ENTRY.exec(item) ?? []
  const host = URL.parse(`http://${written}`)?.hostname ?? ''
  const port = digits === undefined ? DEFAULT_PORT : Number(digits)
  if (host === '' || port < 1 || port > 65_535) return undefined
  return { protocol: scheme?.toLowerCase() === 'https' ? 'https' : 'http', host, port }
}
