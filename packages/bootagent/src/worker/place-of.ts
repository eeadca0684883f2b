import { BlockList, isIP } from 'node:net'

/**
 * Where an address leads, as far as a redirect may not lead there from anywhere: to this host itself; to the link, where the
 * metadata services of clouds give out credentials to whoever asks from this host; or elsewhere.
 */
export type Place = 'this host' | 'the link' | 'elsewhere'

/** The place of an address, as `dns.lookup` or a URL writes it. An IPv4 address inside an IPv6 one counts as the former. */
export function placeOf(address: string): Place {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  if (HERE.check(address, family)) return 'this host'
  return LINK.check(address, family) ? 'the link' : 'elsewhere'
}

/** The place that a url's host names by itself; undefined for a name that must be looked up. */
export function placeNamed({ hostname }: URL): Place | undefined {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) return placeOf(host)
  return /^(?:.*\.)?localhost\.?$/i.test(host) ? 'this host' : undefined
}

/** 0.0.0.0/8 and :: reach this host as well. */
const HERE = listOf(['127.0.0.0', 8], ['0.0.0.0', 8], ['::1', 128], ['::', 128])

/** Besides link-local networks, where clouds put the same service elsewhere: AWS by IPv6, Alibaba, Oracle. */
const LINK = listOf(['169.254.0.0', 16], ['fe80::', 10], ['fd00:ec2::254', 128], ['100.100.100.200', 32], ['192.0.0.192', 32])

function listOf(...networks: readonly (readonly [address: string, bits: number])[]): BlockList {
  const list = new BlockList()
  for (const [address, bits] of networks) list.addSubnet(address, bits, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  return list
}
