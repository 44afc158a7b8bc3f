import type { FaultClass } from '@proactive/shared'
import type { FleetProvider, FleetSignal, TroubleKind } from './model.ts'

/**
 * What a Location shares with others. The name's first part tells what it is:
 * `hop:` provider's first router · `net:` public prefix (/24, /16; IPv6 /48, /32) · `as:` provider by the operator's table · `region:` · `pay:` processor.
 */
export function groupsOf(signal: FleetSignal, provider: FleetProvider | null): string[] {
  const { firstHop, address, region, processors } = signal
  return [
    ...(firstHop === null ? [] : [`hop:${firstHop}`]),
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
      return `the provider behind first hop ${rest}`
    case 'net':
      return `the provider of ${rest}`
    case 'as':
      return rest.slice(rest.indexOf(' ') + 1)
    default:
      return rest
  }
}

/** Prefixes of an address, narrow first; none for what is no public address. */
function prefixesOf(address: string): string[] {
  const v4 = /^(?:::ffff:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.\d{1,3}$/i.exec(address)
  if (v4 !== null) {
    const [, a, b, c] = v4
    const isLocal = a === '127' || a === '10' || (a === '192' && b === '168')
    return isLocal ? [] : [`${a}.${b}.${c}.0/24`, `${a}.${b}.0.0/16`]
  }
  const words = leadingWords(address)
  if (words === null || /^(?:f[cd]|fe[89ab]|0$)/i.test(words[0] ?? '0')) return []
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
