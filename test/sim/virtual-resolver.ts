import type { LookupOutcome, Resolver } from '../../agent/src/ports/index.ts'
import { addresses, names } from '../lab/topology.ts'
import { later, type ProbeWorld } from './virtual-probes.ts'

const addressByName = new Map<string, string>([
  [names.processor, addresses.processor],
  [names.cloud, addresses.cloud],
  ...names.targets.map((name, index) => [name, addresses.targets[index] ?? ''] as const),
])
/** The provider's answers live this long in the router's cache. */
const cacheMs = 30_000

/** The router's resolver and the provider's behind it. */
export function createVirtualResolver({ machine, location, paths, neighbors }: ProbeWorld): Resolver {
  const cachedUntilByName = new Map<string, number>()
  let routerBootedAtMono = 0

  /** How long the router takes to answer; null = never. It asks the provider for what it does not remember. */
  function routerTakes(name: string): number | null {
    const router = location.node('router')
    if (location.effects().isDnsSilent || router === undefined) return null
    if (router.bootedAtMono !== routerBootedAtMono) {
      routerBootedAtMono = router.bootedAtMono
      cachedUntilByName.clear()
    }
    if ((cachedUntilByName.get(name) ?? -1) >= machine.monotonicMs()) return 0
    const upstream = paths.to(addresses.dns, addresses.appliance)
    const rttMs = upstream === undefined ? null : paths.roundTrip(upstream)
    if (rttMs !== null) cachedUntilByName.set(name, machine.monotonicMs() + cacheMs)
    return rttMs
  }

  function takes(name: string, server: string, localAddress: string | undefined): number | null {
    const path = paths.to(server, localAddress)
    const rttMs = path === undefined ? null : paths.roundTrip(path)
    if (rttMs === null) return null
    if (server === addresses.dns) return rttMs
    if (server !== addresses.router) return null
    const more = routerTakes(name)
    return more === null ? null : rttMs + more
  }

  return {
    lookup(name, { server, timeoutMs, localAddress }): Promise<LookupOutcome> {
      neighbors.used([server])
      const tookMs = takes(name, server, localAddress)
      if (tookMs === null || tookMs > timeoutMs) {
        const detail = `no answer in ${timeoutMs} ms`
        return later(machine, timeoutMs, () => ({ kind: 'timeout', tookMs: timeoutMs, detail }))
      }
      const address = addressByName.get(name.toLowerCase())
      return later(machine, tookMs, () =>
        address === undefined
          ? { kind: 'no-such-name', tookMs }
          : { kind: 'answer', addresses: [address], tookMs },
      )
    },
    reverse(ip, { server, timeoutMs }) {
      neighbors.used([server])
      const path = server === addresses.router ? paths.to(server) : undefined
      const rttMs = path === undefined || location.effects().isDnsSilent ? null : paths.roundTrip(path)
      if (rttMs === null) return later(machine, timeoutMs, () => [])
      // The router knows the names of its fixed leases and its own.
      const node = location.nodes().find(({ spec }) => spec.addressing.address?.split('/')[0] === ip)
      return later(machine, rttMs, () => (node === undefined ? [] : [`${node.spec.name}.lan`]))
    },
  }
}
