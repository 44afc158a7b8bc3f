import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'

/** Addresses that a URL given by a user may never lead to: this host, its networks, and what is no unicast (RFC 6890, RFC 4291). */
const refusedNetworks: readonly (readonly [address: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 3, 'ipv6'],
  ['4000::', 2, 'ipv6'],
  ['8000::', 1, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
]
/** One list a family: Node reads an IPv4 address against IPv6 networks as a mapped one. */
const refused = { ipv4: new BlockList(), ipv6: new BlockList() }
for (const [address, prefix, family] of refusedNetworks) refused[family].addSubnet(address, prefix, family)

/** Asks for a name's addresses; the system's resolver unless a test brings its own. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** What outgoing URLs may lead to. */
export interface OutgoingGuard {
  /** The addresses to connect to, all of them allowed; never look the name up again after this. @throws RefusedUrlError */
  check(url: URL): Promise<readonly string[]>
}

/** The URL may not be called; the message is for the person who gave it. */
export class RefusedUrlError extends Error {}

/**
 * Refuses URLs that lead to loopback, link-local, private or reserved addresses, unless `host` or `host:port` is listed by whoever runs the
 * installation. The caller connects to the address that was checked, so a name that changes its mind in between gains nothing.
 */
export function createOutgoingGuard(
  allowed: readonly string[],
  resolve: Resolve = resolveBySystem,
): OutgoingGuard {
  const listed = new Set(allowed.map((entry) => entry.toLowerCase()))
  return {
    async check(url) {
      const host = url.hostname.toLowerCase().replace(/^\[|\]$/g, '')
      const isListed = listed.has(host) || listed.has(url.host.toLowerCase())
      if (url.username !== '' || url.password !== '')
        throw new RefusedUrlError('An address with a user name in it is refused.')
      if (url.protocol !== 'https:' && !isListed)
        throw new RefusedUrlError('Only https addresses are called, unless the host is listed.')
      const addresses = isIP(host) === 0 ? await addressesOf(host, resolve) : [host]
      if (!isListed && addresses.some(isRefusedAddress))
        throw new RefusedUrlError(`${url.hostname} leads to an address that is not on the public internet.`)
      return addresses
    },
  }
}

/** Whether an address is none of the public internet; IPv4 inside IPv6 counts as the IPv4 it is. */
export function isRefusedAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return refused.ipv4.check(address, 'ipv4')
  const mapped = /^(?:::ffff:|64:ff9b::)(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return isRefusedAddress(mapped)
  return family !== 6 || refused.ipv6.check(address, 'ipv6')
}

async function addressesOf(host: string, resolve: Resolve): Promise<readonly string[]> {
  const addresses = await resolve(host).catch(() => [])
  if (addresses.length === 0) throw new RefusedUrlError(`${host} has no address.`)
  return addresses
}

async function resolveBySystem(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address)
}
