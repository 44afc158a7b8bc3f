import type { Device } from '@proactive/shared'
import { isEdgeOf, isInsideAny } from '../core/networks.ts'
import { isPlainIpv4 } from '../core/outside.ts'
import { type ProbeClass, profileOf } from '../rules/profiles.ts'
import type { WatchContext } from '../watch/context.ts'

/** An address that a live tool may talk to, and whose budget pays. */
export interface Reached {
  readonly ip: string
  readonly budget: ProbeClass
  readonly device?: Device
}

export interface ReachDeps {
  /** Resolvers to ask for the name of a payment processor, the best first. */
  readonly resolvers: () => readonly string[]
  /** First hops, gateways, resolvers: addresses that are watched anyway. */
  readonly watchedIps: () => readonly string[]
  readonly attachedNetworks: () => readonly string[]
}

/** Finds the address behind a target where the agent may talk to it; else why not: inside its networks or its probe list, nothing else. */
export type Reach = (target: string) => Promise<Reached | { readonly reason: string }>

const lookupTimeoutMs = 1_500

export function createReach(context: WatchContext, deps: ReachDeps): Reach {
  const { inventory, resolver, plan } = context

  function reachIp(ip: string): Reached | { readonly reason: string } {
    const device = inventory.byIp(ip)
    const networks = plan().networks
    const isOnSite = isInsideAny(networks, ip)
    if (!isOnSite && !plan().internetTargets.includes(ip) && !deps.watchedIps().includes(ip)) {
      const path = plan().payPaths.find(({ host }) => host === ip)
      if (path === undefined)
        return { reason: `${ip} is neither in this Location's networks nor on the probe list` }
      const reason = context.whyNotOutside(ip, ip)
      return reason === undefined ? { ip, budget: 'outside' } : { reason }
    }
    if ([...networks, ...deps.attachedNetworks()].some((network) => isEdgeOf(network, ip)))
      return { reason: `${ip} is no host's address but a whole network's` }
    if (device !== undefined) return { ip, device, budget: profileOf(device).class }
    return { ip, budget: isOnSite ? 'other' : 'outside' }
  }

  return async (target) => {
    if (isPlainIpv4(target)) return reachIp(target)
    if (!plan().payPaths.some(({ host }) => host === target))
      return { reason: `${target} is not on the probe list` }
    const [server] = deps.resolvers()
    if (server === undefined) return { reason: 'no resolver is known' }
    if (!context.budget.takeSpare('gateway', 1)) return budgetUsedUp
    const outcome = await resolver.lookup(target, { server, timeoutMs: lookupTimeoutMs })
    const ip = outcome.kind === 'answer' ? outcome.addresses[0] : undefined
    if (ip === undefined) return { reason: `${target} does not resolve` }
    const reason = context.whyNotOutside(target, ip)
    return reason === undefined ? { ip, budget: 'outside' } : { reason }
  }
}

/** Why a tool has to wait: the watches come first. */
export const budgetUsedUp = {
  reason: 'the probe budget of this device class is used up; try again in a minute',
} as const
