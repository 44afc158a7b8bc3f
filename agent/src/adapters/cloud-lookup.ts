import { lookup as systemLookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { CloudLinkError, type CloudRoute, type Resolver } from '../ports/index.ts'

/**
 * Finds the cloud's address on one way out: the way's own resolvers first, then the machine's, then the address that worked last.
 * The resolver is often what fails, so a name that was found once is never lost to it.
 */
export function createCloudLookup(deps: {
  readonly resolver: Resolver
  readonly remembered: (host: string) => string | undefined
}): (host: string, route: CloudRoute) => Promise<string> {
  const resolverTimeoutMs = 700
  const systemTimeoutMs = 1_500
  return async (host, route) => {
    if (isIP(host) !== 0) return host
    const own = route.localAddress === undefined ? {} : { localAddress: route.localAddress }
    for (const server of route.resolvers) {
      const outcome = await deps.resolver.lookup(host, { server, timeoutMs: resolverTimeoutMs, ...own })
      if (outcome.kind === 'answer' && outcome.addresses[0] !== undefined) return outcome.addresses[0]
    }
    const known = deps.remembered(host)
    if (known !== undefined) return known
    const found = await Promise.race([
      systemLookup(host, { family: 4 })
        .then(({ address }) => address)
        .catch(() => undefined),
      new Promise<undefined>((resolve) => setTimeout(resolve, systemTimeoutMs, undefined)),
    ])
    if (found === undefined) throw new CloudLinkError(`the name ${host} cannot be resolved`)
    return found
  }
}
