import type { Neighbor } from '../ports/index.ts'
import type { WatchContext } from './context.ts'
import type { Links } from './links.ts'

/** Whether a sweep may ask by raw ARP: faster than waiting for the kernel, and nothing reaches the devices' IP stacks. */
export function mayAskByArp({ arp }: WatchContext): boolean {
  return arp.isAvailable() && arp.sweep !== undefined
}

/**
 * One round of raw ARP over addresses, in the order of the answers. Where two devices answer for one address the one that is known for it comes
 * last; which of them is right is the conflict watch's business.
 */
export async function arpRound(
  context: WatchContext,
  links: Links,
  ips: readonly string[],
  tries: number,
): Promise<readonly Neighbor[]> {
  const { arp, inventory, log } = context
  const ipsByInterface = new Map<string, string[]>()
  for (const ip of ips) {
    const own = links.interfaceOf(ip)
    if (own === undefined || !own.hasCarrier) continue
    const asked = ipsByInterface.get(own.name)
    if (asked === undefined) ipsByInterface.set(own.name, [ip])
    else asked.push(ip)
  }
  const rounds = await Promise.all(
    [...ipsByInterface].map(async ([name, asked]) => {
      try {
        const answers = (await arp.sweep?.(name, asked, tries)) ?? []
        return answers.map(({ ip, mac }): Neighbor => ({ ip, mac, interface: name, state: 'reachable' }))
      } catch (err) {
        log.warn({ err, interface: name }, 'a sweep by ARP did not end well')
        return []
      }
    }),
  )
  const isKnown = ({ ip, mac = '' }: Neighbor) => inventory.byIp(ip)?.macs.includes(mac) === true
  return rounds.flat().sort((a, b) => Number(isKnown(a)) - Number(isKnown(b)))
}
