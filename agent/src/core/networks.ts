/** IPv4 arithmetic on CIDR text; no I/O. */

const [digit0, digit9, dot] = [0x30, 0x39, 0x2e]

/** The number behind a dotted quad; undefined where the text is none. Asked for each packet: no splitting, no patterns. */
export function ipToNumber(ip: string): number | undefined {
  let value = 0
  let octet = 0
  let digits = 0
  let dots = 0
  for (let index = 0; index < ip.length; index++) {
    const code = ip.charCodeAt(index)
    if (code === dot) {
      if (digits === 0 || ++dots > 3) return undefined
      value = value * 256 + octet
      octet = 0
      digits = 0
    } else {
      if (code < digit0 || code > digit9 || ++digits > 3) return undefined
      octet = octet * 10 + code - digit0
      if (octet > 255) return undefined
    }
  }
  return dots === 3 && digits > 0 ? value * 256 + octet : undefined
}

export function numberToIp(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
}

interface Range {
  readonly first: number
  readonly size: number
}

/** A Location has a handful of networks, and each address is held against them again and again. */
const rangeByCidr = new Map<string, Range | undefined>()
const maxKnownRanges = 256

function rangeOf(cidr: string): Range | undefined {
  const known = rangeByCidr.get(cidr)
  if (known !== undefined) return known
  const range = parseRange(cidr)
  if (rangeByCidr.size >= maxKnownRanges) rangeByCidr.clear()
  rangeByCidr.set(cidr, range)
  return range
}

function parseRange(cidr: string): Range | undefined {
  const [ip = '', length = ''] = cidr.split('/')
  const address = ipToNumber(ip)
  const bits = Number(length)
  if (address === undefined || !/^\d{1,2}$/.test(length) || bits > 32) return undefined
  const size = 2 ** (32 - bits)
  return { first: Math.floor(address / size) * size, size }
}

export function isInside(cidr: string, ip: string): boolean {
  const range = rangeOf(cidr)
  const address = ipToNumber(ip)
  return (
    range !== undefined &&
    address !== undefined &&
    address >= range.first &&
    address < range.first + range.size
  )
}

export function isInsideAny(networks: readonly string[], ip: string): boolean {
  return networks.some((network) => isInside(network, ip))
}

/** Whether this is the network's own or its broadcast address, which is no host's. */
export function isEdgeOf(cidr: string, ip: string): boolean {
  const range = rangeOf(cidr)
  const address = ipToNumber(ip)
  if (range === undefined || range.size <= 2) return false
  return address === range.first || address === range.first + range.size - 1
}

/** Whether every address of `inner` lies in `outer`. */
export function contains(outer: string, inner: string): boolean {
  const [a, b] = [rangeOf(outer), rangeOf(inner)]
  return a !== undefined && b !== undefined && b.first >= a.first && b.first + b.size <= a.first + a.size
}

/** Largest network anybody may name: /22 (design: safety on somebody's LAN). */
const maxAddresses = 1_024

/** The host addresses of a network, without network and broadcast address; empty where it is larger than /22. */
export function hostAddresses(cidr: string): string[] {
  const range = rangeOf(cidr)
  if (range === undefined || range.size > maxAddresses) return []
  if (range.size <= 2)
    return Array.from({ length: range.size }, (_, index) => numberToIp(range.first + index))
  return Array.from({ length: range.size - 2 }, (_, index) => numberToIp(range.first + 1 + index))
}

/** `192.0.2.7/24` → `192.0.2.7`. */
export function addressOf(cidr: string): string {
  const slash = cidr.indexOf('/')
  return slash < 0 ? cidr : cidr.slice(0, slash)
}
