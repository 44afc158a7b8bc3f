import { z } from 'zod'
import type { LanInterface, Neighbor, NeighborState } from '../ports/index.ts'

/** Readers of what iproute2's `ip` prints; foreign fields are ignored, foreign shapes give nothing. */

const neighborsSchema = z.array(
  z.object({
    dst: z.string(),
    dev: z.string().default(''),
    lladdr: z.string().optional(),
    state: z.array(z.string()).default([]),
  }),
)

const addressesSchema = z.array(
  z.object({
    ifname: z.string(),
    address: z.string().optional(),
    flags: z.array(z.string()).default([]),
    operstate: z.string().default(''),
    addr_info: z
      .array(
        z.object({
          family: z.string().optional(),
          local: z.string().optional(),
          prefixlen: z.number().optional(),
          valid_life_time: z.number().optional(),
        }),
      )
      .default([]),
  }),
)

const routesSchema = z.array(
  z.object({
    dst: z.string(),
    gateway: z.string().optional(),
    dev: z.string().optional(),
    flags: z.array(z.string()).default([]),
  }),
)

/** INFINITY_LIFE_TIME of Linux: an address that nobody lent. */
const forEverSeconds = 2 ** 32 - 1

const states = new Map<string, NeighborState>([
  ['REACHABLE', 'reachable'],
  ['STALE', 'stale'],
  ['DELAY', 'delay'],
  ['PROBE', 'probe'],
  ['FAILED', 'failed'],
  ['INCOMPLETE', 'incomplete'],
  ['PERMANENT', 'permanent'],
])

/** `ip -j neigh show`: both families. */
export function parseNeighbors(text: string): Neighbor[] {
  const parsed = neighborsSchema.safeParse(parseJson(text))
  if (!parsed.success) return []
  return parsed.data.map(({ dst, dev, lladdr, state }) => ({
    ip: dst,
    interface: dev,
    ...(lladdr === undefined ? {} : { mac: lladdr.toLowerCase() }),
    state: states.get(state[0] ?? '') ?? 'none',
  }))
}

/** `ip -j addr show` together with `ip -4 -j route show table all`. Loopback is left out. */
export function parseInterfaces(addressText: string, routeText: string): LanInterface[] {
  const addresses = addressesSchema.safeParse(parseJson(addressText))
  const routes = routesSchema.safeParse(parseJson(routeText))
  if (!addresses.success) return []
  const gatewayByDevice = new Map<string, string>()
  for (const { dst, gateway, dev } of routes.success ? routes.data : []) {
    if (dst === 'default' && gateway !== undefined && dev !== undefined && !gatewayByDevice.has(dev))
      gatewayByDevice.set(dev, gateway)
  }
  return addresses.data
    .filter(({ flags }) => !flags.includes('LOOPBACK'))
    .map(({ ifname, address, flags, addr_info }) => {
      const gateway = gatewayByDevice.get(ifname)
      const lent = addr_info.find(
        ({ family, valid_life_time: left = forEverSeconds }) => family === 'inet' && left < forEverSeconds,
      )
      return {
        name: ifname,
        ...(address === undefined ? {} : { mac: address.toLowerCase() }),
        hasCarrier: flags.includes('UP') && flags.includes('LOWER_UP') && !flags.includes('NO-CARRIER'),
        addresses: addr_info
          .filter(({ family, local }) => family === 'inet' && local !== undefined)
          .map(({ local, prefixlen }) => `${local}/${prefixlen ?? 32}`),
        ...(gateway === undefined ? {} : { gateway }),
        ...(lent?.valid_life_time === undefined ? {} : { leaseSeconds: lent.valid_life_time }),
      }
    })
}

/** Whether a line tells of IPv6 addresses or routes: routers renew them each few seconds, and nothing here depends on them. */
export function isOfIp6(line: string): boolean {
  if (line.startsWith('[ADDR]')) return line.includes(' inet6 ')
  return line.startsWith('[ROUTE]') && / pref (?:low|medium|high)\b/.test(line)
}

/** A line of `ip monitor neigh link address route` with labels; undefined = not about neighbors. */
export function parseMonitorLine(line: string): Neighbor | undefined {
  const match = /^\[NEIGH\](?:Deleted )?(\d+\.\d+\.\d+\.\d+|[0-9a-f:]{2,39}) dev (\S+)(.*)$/.exec(line)
  if (match === null) return undefined
  const [, ip = '', device = '', rest = ''] = match
  const mac = / lladdr ([0-9a-f:]{17})/i.exec(rest)?.[1]
  const word = rest.trim().split(/\s+/).at(-1) ?? ''
  return {
    ip,
    interface: device,
    ...(mac === undefined ? {} : { mac: mac.toLowerCase() }),
    state: line.startsWith('[NEIGH]Deleted') ? 'none' : (states.get(word) ?? 'none'),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
