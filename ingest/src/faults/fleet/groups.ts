import type { FaultClass } from '@proactive/shared'
import type { FleetProvider, FleetSignal, TroubleKind } from './model.ts'

/**
 * What a Location shares with others. The name's first part tells what it is:
 * `hop:` provider's first router (one inside the provider's own 100.64/10 with whose it is) · `net:` public prefix (/24, /16; IPv6 /48, /32) · `as:` provider by the operator's table · `region:` · `pay:` processor.
 */
export function groupsOf(signal: FleetSignal, provider: FleetProvider | null): string[] {
  const { firstHop, address, region, processors } = signal
  return [
    ...hopOf(firstHop, address, provider),
    ...(provider === null ? [] : [`as:${provider.id} ${provider.name}`]),
    ...(address === null ? [] : prefixesOf(address).map((prefix) => `net:${prefix}`)),
    ...(region === null ? [] : [`region:${region}`]),
    ...processors.map((name) => `pay:${name}`),
  ]
}

/** Which troubles a shared thing can account for. */
export function isConcerned(group: string, kind: TroubleKind, subject: string): boolean {
  if (kind === 'processor') return group === `pay:${subject}`
  if (group.startsWith('pay:')) return false
  // A router that still talks over its second way out has power.
  return kind === 'dark' || !group.startsWith('region:')
}

/** What it is called when the thing behind a group is at fault. */
export function classOfGroup(group: string): FaultClass {
  if (group.startsWith('pay:')) return 'processor-outage'
  return group.startsWith('region:') ? 'region-outage' : 'provider-outage'
}

/** The shared thing in words. */
export function groupWords(group: string): string {
  const at = group.indexOf(':')
  const rest = group.slice(at + 1)
  switch (group.slice(0, at)) {
    case 'hop':
      return `the provider behind first hop ${rest.split(' ')[0]}`
    case 'net':
      return `the provider of ${rest}`
    case 'as':
      return rest.slice(rest.indexOf(' ') + 1)
    default:
      return rest
  }
}

/**
 * The first router behind the Location's own. A private one (a router behind a router) is no provider's, however many have the same; one of
 * carrier NAT (100.64/10) tells a provider's Locations apart, yet each provider has the same ones.
 */
function hopOf(firstHop: string | null, address: string | null, provider: FleetProvider | null): string[] {
  if (firstHop === null) return []
  const [a = 0, b = 0] = firstHop.split('.').map(Number)
  if (a === 100 && b >= 64 && b < 128) {
    const whose = provider?.id ?? (address === null ? undefined : prefixesOf(address).at(-1))
    return whose === undefined ? [] : [`hop:${firstHop} ${whose}`]
  }
  return prefixesOf(firstHop).length === 0 ? [] : [`hop:${firstHop}`]
}

/** Whether an IPv4 address is no host of the public internet (RFC 6890). The documentation ranges pass: nobody routes them, and laboratories live there. */
function isSpecial(a: number, b: number, c: number): boolean {
  return (
    [0, 10, 127].includes(a) ||
    a >= 224 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && (b === 168 || (b === 0 && c === 0))) ||
    (a === 198 && (b === 18 || b === 19))
  )
}

/** Prefixes of an address, narrow first; none for what is no public address. */
function prefixesOf(address: string): string[] {
  const v4 = /^(?:::ffff:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.\d{1,3}$/i.exec(address)
  if (v4 !== null) {
    const [, a, b, c] = v4
    return isSpecial(Number(a), Number(b), Number(c)) ? [] : [`${a}.${b}.${c}.0/24`, `${a}.${b}.0.0/16`]
  }
  const words = leadingWords(address)
  if (words === null || /^(?:f[cd]|f[ef]|0$)/i.test(words[0] ?? '0')) return []
  return [`${words.slice(0, 3).join(':')}::/48`, `${words.slice(0, 2).join(':')}::/32`]
}

/** The first three words of an IPv6 address, leading zeros left out. */
function leadingWords(address: string): string[] | null {
  if (!/^[0-9a-f:]+$/i.test(address) || !address.includes(':')) return null
  const [head = ''] = address.split('::')
  const words = head === '' ? [] : head.split(':')
  while (words.length < 3) words.push('0')
  return words.slice(0, 3).map((word) => word.toLowerCase().replace(/^0+(?=.)/, ''))
}
