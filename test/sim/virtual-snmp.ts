import type { Snmp, SnmpOptions, SnmpOutcome } from '../../agent/src/ports/index.ts'
import { addresses } from '../lab/topology.ts'
import { later, type ProbeWorld } from './virtual-probes.ts'

/** The router's interfaces, numbered from 1 as RFC 2863 wants them. */
const interfaces = [
  { name: 'lo', type: 24 },
  { name: 'lan1', type: 6 },
  { name: 'lan2', type: 6 },
  { name: 'br-lan', type: 6 },
  { name: 'wan0', type: 6 },
] as const
type Port = (typeof interfaces)[number]
const lanIndex = 4
const wanIndex = 5

/** What stands behind one OID, read when asked. */
type Reader = () => number | string

/** The router's SNMP agent (as set up in the lab): system group, interfaces and counters, addresses and the default route. */
export function createVirtualSnmp(
  { machine, location, paths, neighbors }: ProbeWorld,
  community: string,
): Snmp {
  const upMs = () =>
    machine.monotonicMs() + machine.bootedAtMono - (location.node('router')?.bootedAtMono ?? 0)
  /** Some kilobytes a second; more on the way out of the house. */
  const octets = (index: number) => Math.floor((upMs() / 1_000) * (index === wanIndex ? 24_000 : 9_000))
  const isUp = ({ name }: Port) =>
    name === 'wan0' ? location.hasWanLink() : name === 'lan1' ? location.isApplianceOnLan() : true

  const readers = new Map<string, Reader>(
    [
      ...systemGroup(upMs),
      ...interfaces.flatMap((port, position) => interfaceRow(port, position + 1)),
      ...Object.entries({
        '1.3.6.1.2.1.2.1.0': interfaces.length,
        // ipAdEntIfIndex, ipRouteIfIndex and ipRouteNextHop (RFC 1213).
        [`1.3.6.1.2.1.4.20.1.2.${addresses.router}`]: lanIndex,
        [`1.3.6.1.2.1.4.20.1.2.${addresses.routerWan}`]: wanIndex,
        '1.3.6.1.2.1.4.21.1.2.0.0.0.0': wanIndex,
        '1.3.6.1.2.1.4.21.1.7.0.0.0.0': addresses.provider,
      }).map(([oid, value]): [string, Reader] => [oid, () => value]),
    ].sort(([a], [b]) => compareOids(a, b)),
  )

  function interfaceRow(port: Port, index: number): [string, Reader][] {
    const table = '1.3.6.1.2.1.2.2.1'
    const extended = '1.3.6.1.2.1.31.1.1.1'
    const columns: [string, Reader][] = [
      [`${table}.1`, () => index],
      [`${table}.2`, () => port.name],
      [`${table}.3`, () => port.type],
      [`${table}.7`, () => 1],
      [`${table}.8`, () => (isUp(port) ? 1 : 2)],
      [`${table}.10`, () => octets(index) % 2 ** 32],
      [`${table}.14`, () => 0],
      [`${table}.16`, () => octets(index) % 2 ** 32],
      [`${table}.20`, () => 0],
      [`${extended}.1`, () => port.name],
      [`${extended}.6`, () => octets(index)],
      [`${extended}.10`, () => octets(index)],
      [`${extended}.15`, () => 1_000],
    ]
    return columns.map(([column, read]) => [`${column}.${index}`, read])
  }

  /** Asks once and again, each datagram as far as it may be sent; what comes back is read when the answer leaves the router. */
  function ask(
    ip: string,
    { community: asked, timeoutMs, retries, maySend }: SnmpOptions,
    tripsOnSuccess: number,
    read: () => [string, number | string][],
  ): Promise<SnmpOutcome> {
    neighbors.used([ip])
    let waitMs = 0
    const refused = () => later(machine, waitMs, () => ({ kind: 'refused' }) as const)
    for (let attempt = 0; attempt <= retries; attempt++) {
      if (!maySend()) return refused()
      const path = ip === addresses.router && asked === community ? paths.to(ip) : undefined
      const rttMs = path === undefined ? null : paths.roundTrip(path)
      if (rttMs === null) waitMs += timeoutMs
      else if (Array.from({ length: tripsOnSuccess - 1 }).some(() => !maySend())) return refused()
      else
        return later(machine, waitMs + rttMs * tripsOnSuccess, () => ({
          kind: 'values',
          values: new Map(read()),
        }))
    }
    return later(machine, waitMs, () => ({ kind: 'timeout' }))
  }

  return {
    get: (ip, oids, options) =>
      ask(ip, options, 1, () =>
        oids.flatMap((oid) => {
          const reader = readers.get(oid)
          return reader === undefined ? [] : [[oid, reader()]]
        }),
      ),
    walk: (ip, oid, options) =>
      ask(ip, options, 2, () =>
        [...readers]
          .filter(([key]) => key.startsWith(`${oid}.`))
          .slice(0, options.maxRows)
          .map(([key, reader]) => [key, reader()]),
      ),
  }
}

function systemGroup(upMs: () => number): [string, Reader][] {
  const group = '1.3.6.1.2.1.1'
  return [
    [`${group}.1.0`, () => 'RouterOS RB750Gr3'],
    [`${group}.2.0`, () => '1.3.6.1.4.1.14988.1'],
    [`${group}.3.0`, () => Math.floor(upMs() / 10) % 2 ** 32],
    [`${group}.4.0`, () => 'Network Team'],
    [`${group}.5.0`, () => 'router'],
    [`${group}.6.0`, () => 'Back office'],
  ]
}

function compareOids(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)]
  for (let place = 0; place < Math.min(left.length, right.length); place++) {
    const difference = (left[place] ?? 0) - (right[place] ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}
