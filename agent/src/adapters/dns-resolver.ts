import { Resolver as NodeResolver } from 'node:dns/promises'
import type { LookupOutcome, Resolver } from '../ports/index.ts'

/** DNS by Node's c-ares, one resolver per question: explicit server, no cache, one try. */
export const dnsResolver: Resolver = {
  async lookup(name, { server, timeoutMs, localAddress }): Promise<LookupOutcome> {
    const startedAt = performance.now()
    const tookMs = () => performance.now() - startedAt
    const resolver = createResolver(server, timeoutMs, localAddress)
    const guard = setTimeout(() => resolver.cancel(), timeoutMs * 2)
    try {
      return { kind: 'answer', addresses: await resolver.resolve4(name), tookMs: tookMs() }
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
      if (code === 'ENOTFOUND' || code === 'ENODATA') return { kind: 'no-such-name', tookMs: tookMs() }
      const kind =
        code === 'ETIMEOUT' || code === 'ECANCELLED'
          ? 'timeout'
          : code === 'ECONNREFUSED'
            ? 'refused'
            : 'error'
      return { kind, tookMs: tookMs(), detail: code }
    } finally {
      clearTimeout(guard)
    }
  },
  async reverse(ip, { server, timeoutMs }) {
    try {
      return await createResolver(server, timeoutMs).reverse(ip)
    } catch {
      return []
    }
  },
}

function createResolver(server: string, timeoutMs: number, localAddress?: string): NodeResolver {
  const resolver = new NodeResolver({ timeout: timeoutMs, tries: 1 })
  resolver.setServers([server])
  if (localAddress !== undefined) resolver.setLocalAddress(localAddress)
  return resolver
}
