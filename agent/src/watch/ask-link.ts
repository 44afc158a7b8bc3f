import { isInside } from '../core/networks.ts'
import type { ArpAnswer } from '../ports/index.ts'
import type { WatchContext } from './context.ts'
import type { Links } from './links.ts'

/** What the link says about an address; `unsure` = only the neighbor table could be asked, and it has not made up its mind. */
export type OnLink = 'answered' | 'silent' | 'unsure'

/** Asks on the link itself: raw ARP where allowed, else the kernel's neighbor table after a poke. */
export interface LinkAsker {
  ask(ips: readonly string[]): Promise<ReadonlyMap<string, OnLink>>
  /** Whether it asks by raw ARP: then it does not depend on what the kernel believes. */
  isRaw(): boolean
  /** For evidence: how the link was asked. */
  method(): string
  /** Two makers of one address, as raw ARP saw it. */
  onAnswers(listener: (answers: readonly ArpAnswer[], asked: readonly string[]) => void): void
}

/** The kernel waits this long before it doubts an entry, so one look soon after the poke finds new answers only. */
const afterPokeMs = 900

export function createLinkAsker(context: WatchContext, links: Links): LinkAsker {
  const { arp, lan, scheduler, log } = context
  const listeners: ((answers: readonly ArpAnswer[], asked: readonly string[]) => void)[] = []

  async function byArp(ips: readonly string[]): Promise<Map<string, OnLink>> {
    const result = new Map<string, OnLink>()
    const ipsByInterface = new Map<string, string[]>()
    for (const ip of ips) {
      const own = links.interfaceOf(ip)
      if (own === undefined || !own.hasCarrier) {
        // Without a link nobody can answer.
        result.set(ip, 'silent')
        continue
      }
      const others = ipsByInterface.get(own.name)
      if (others === undefined) ipsByInterface.set(own.name, [ip])
      else others.push(ip)
    }
    await Promise.all(
      [...ipsByInterface].map(async ([name, asked]) => {
        const answers = await arp.ask(name, asked)
        const answered = new Set(answers.map(({ ip }) => ip))
        for (const ip of asked) result.set(ip, answered.has(ip) ? 'answered' : 'silent')
        for (const listener of listeners) listener(answers, asked)
      }),
    )
    return result
  }

  async function byTable(ips: readonly string[]): Promise<Map<string, OnLink>> {
    await lan.poke(ips)
    await new Promise<void>((resolve) => void scheduler.after(afterPokeMs, resolve))
    const stateByIp = new Map((await lan.neighbors()).map(({ ip, state }) => [ip, state]))
    return new Map(
      ips.map((ip) => {
        const isLinked = links.attachedNetworks().some((cidr) => isInside(cidr, ip))
        const state = stateByIp.get(ip) ?? 'none'
        if (!isLinked || links.interfaceOf(ip)?.hasCarrier === false) return [ip, 'silent']
        if (state === 'reachable' || state === 'permanent') return [ip, 'answered']
        if (state === 'failed' || state === 'incomplete') return [ip, 'silent']
        return [ip, 'unsure']
      }),
    )
  }

  return {
    async ask(ips) {
      if (ips.length === 0) return new Map()
      if (arp.isAvailable()) {
        try {
          const result = await byArp(ips)
          // The first refusal turns raw ARP off; then the answer was none.
          if (arp.isAvailable()) return result
        } catch (err) {
          log.warn({ err }, 'an ARP request could not be sent')
        }
      }
      return byTable(ips)
    },
    isRaw: () => arp.isAvailable(),
    method: () => (arp.isAvailable() ? 'directed ARP' : 'neighbor table'),
    onAnswers: (listener) => void listeners.push(listener),
  }
}
