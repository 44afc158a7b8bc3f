import { type Birth, ipSchema } from '@proactive/shared'
import { z } from 'zod'
import { whyNotOutside } from './outside.ts'

/** From which address of the internet each way out is seen, as the cloud told it at the last connection. */
export interface PublicAddresses {
  of(uplinkId: string): string | undefined
  /** The cloud sees this way out come from there; undefined = nothing new. `before` is absent the first time. */
  seen(uplinkId: string, address: string): { readonly before?: string; readonly after: string } | undefined
  list(): readonly { readonly uplinkId: string; readonly address: string }[]
  /** The uplinks of a birth with their public addresses. */
  addedTo(uplinks: Birth['uplinks']): Birth['uplinks']
  serialize(): string
}

const mostUplinks = 9
const savedSchema = z.array(z.tuple([z.string().max(64), ipSchema])).max(mostUplinks)

/** Whether somebody out there could mean this Location by it: no private, own or shared address, and no load balancer's inside the cloud. */
export function isPublicAddress(address: string): boolean {
  // Global unicast (RFC 4291 §2.4).
  if (address.includes(':')) return /^[23][0-9a-f]{3}:/i.test(address)
  return whyNotOutside(address, { ownNetworks: [], isNamedOnSite: false }) === undefined
}

/** @param saved what `serialize` gave earlier; text that is none is ignored */
export function createPublicAddresses(saved?: string): PublicAddresses {
  const addressByUplink = new Map(parse(saved))
  return {
    of: (uplinkId) => addressByUplink.get(uplinkId),
    seen(uplinkId, address) {
      const before = addressByUplink.get(uplinkId)
      if (!isPublicAddress(address) || before === address) return undefined
      if (before === undefined && addressByUplink.size >= mostUplinks) return undefined
      addressByUplink.set(uplinkId, address)
      return before === undefined ? { after: address } : { before, after: address }
    },
    list: () => [...addressByUplink].map(([uplinkId, address]) => ({ uplinkId, address })),
    addedTo: (uplinks) =>
      uplinks.map((uplink) => {
        const publicAddress = addressByUplink.get(uplink.id)
        return publicAddress === undefined ? uplink : { ...uplink, publicAddress }
      }),
    serialize: () => JSON.stringify([...addressByUplink]),
  }
}

function parse(saved: string | undefined): [string, string][] {
  if (saved === undefined) return []
  try {
    const parsed = savedSchema.safeParse(JSON.parse(saved))
    return parsed.success ? parsed.data : []
  } catch {
    return []
  }
}
