import { ipToNumber, isInside, isInsideAny, numberToIp } from './networks.ts'

/**
 * Addresses that are no host of the internet (RFC 6890): private networks, the machine itself, link-local, carrier NAT, multicast and what is
 * reserved. The documentation ranges (RFC 5737) are not among them: nobody routes them, and the virtual Location's internet lives there.
 */
const specialRanges: readonly (readonly [cidr: string, word: string])[] = [
  ['0.0.0.0/8', 'no host'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'inside a provider'],
  ['127.0.0.0/8', 'the machine itself'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'for benchmarks'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
]

/** Whether the text is an IPv4 address as everybody writes it: `010.0.0.1` and `127.1` mean different things to different programs. */
export function isPlainIpv4(text: string): boolean {
  const value = ipToNumber(text)
  return value !== undefined && numberToIp(value) === text
}

/** What must lie outside is held against these. */
export interface OutsideFacts {
  /** Networks that are watched or that the appliance is attached to. */
  readonly ownNetworks: readonly string[]
  /** Whether the host was named on site: then it may be private (a processor behind a VPN), but never on the LAN. */
  readonly isNamedOnSite: boolean
}

/** Why this address is not outside the Location; undefined = it is. Asked after a name is resolved, so no name leads back in (DNS rebinding). */
export function whyNotOutside(ip: string, { ownNetworks, isNamedOnSite }: OutsideFacts): string | undefined {
  if (!isPlainIpv4(ip)) return `${ip} is no IPv4 address`
  if (isInsideAny(ownNetworks, ip)) return `${ip} lies in this Location's own network`
  const special = specialRanges.find(([cidr]) => isInside(cidr, ip))
  if (special === undefined) return undefined
  const [, word] = special
  return word === 'private' && isNamedOnSite ? undefined : `${ip} is no address of the internet (${word})`
}
