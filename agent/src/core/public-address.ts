import { type Birth, ipSchema } from '@proactive/shared'
import { z } from 'zod'
import { whyNotOutside } from './outside.ts'

/** From which address of the internet each way out is seen, as the cloud told it at the last connection. */
export interface PublicAddresses {
  /** The IPv4 address where there is one. */
  of(uplinkId: string): string | undefined
  /**
   * The cloud sees this way out come from there; undefined = nothing new. `before` is absent the first time. A line with both families has
   * two addresses, of which now one and now the other is used: each is compared with its own.
   */
  seen(uplinkId: string, address: string): { readonly before?: string; readonly after: string } | undefined
  list(): readonly { readonly uplinkId: string; readonly address: string }[]
  /** The uplinks of a birth with their public addresses. */
  addedTo(uplinks: Birth['uplinks']): Birth['uplinks']
  serialize(): string
}

const mostUplinks = 9
const families = [4, 6] as const
const savedSchema = z.array(z.tuple([z.string().max(64), ipSchema])).max(mostUplinks * families.length)

/** Whether somebody out there could mean this Location by it: no private, own or shared address, and no load balancer's inside the cloud. */
export function isPublicAddress(address: string): boolean {
  // Global unicast (RFC 4291 §2.4).
  if (address.includes(':')) return /^[23][0-9a-f]{3}:/i.test(address)
  return whyNotOutside(address, { ownNetworks: [], isNamedOnSite: false }) === undefined
}

/** @param saved what `serialize` gave earlier; text that is none is ignored */
export function createPublicAddresses(saved?: string): PublicAddresses {
  const entries = new Map(parse(saved).map((entry) => [keyOf(...entry), entry]))
  const of = (uplinkId: string): string | undefined =>
    families
      .map((family) => entries.get(`${family} ${uplinkId}`)?.[1])
      .find((address) => address !== undefined)
  return {
    of,
    seen(uplinkId, address) {
      const key = keyOf(uplinkId, address)
      const before = entries.get(key)?.[1]
      if (!isPublicAddress(address) || before === address) return undefined
      if (before === undefined && entries.size >= mostUplinks * families.length) return undefined
      entries.set(key, [uplinkId, address])
      return before === undefined ? { after: address } : { before, after: address }
    },
    list: () => [...entries.values()].map(([uplinkId, address]) => ({ uplinkId, address })),
    addedTo: (uplinks) =>
      uplinks.map((uplink) => {
        const publicAddress = of(uplink.id)
        return publicAddress === undefined ? uplink : { ...uplink, publicAddress }
      }),
    serialize: () => JSON.stringify([...entries.values()]),
  }
}

const keyOf = (uplinkId: string, address: string): string => `${address.includes(':') ? 6 : 4} ${uplinkId}`

function parse(saved: string | undefined): [string, string][] {
  if (saved === undefined) return []
  try {
    const parsed = savedSchema.safeParse(JSON.parse(saved))
    return parsed.success ? parsed.data : []
  } catch {
    return []
  }
}
