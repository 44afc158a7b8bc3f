import type { Snmp, SnmpValues } from '../../agent/src/ports/index.ts'
import { addresses } from '../lab/topology.ts'
import { later, type ProbeWorld } from './virtual-probes.ts'

/** The router's interfaces, numbered as RFC 2863 wants them; the last one is its WAN port. */
const interfaces = [
  { name: 'lo', type: 24 },
  { name: 'lan1', type: 6 },
  { name: 'lan2', type: 6 },
  { name: 'br-lan', type: 6 },
  { name: 'wan0', type: 6 },
] as const
const wanIndex = interfaces.length

const system = '1.3.6.1.2.1.1'
const ifTable = '1.3.6.1.2.1.2.2.1'
const ifXTable = '1.3.6.1.2.1.31.1.1.1'

/** The router's SNMP agent: system group, interfaces and counters, address and route tables as far as they are asked for. */
export function createVirtualSnmp({ machine, location, paths, neighbors }: ProbeWorld, community: string): Snmp {
  function valueOf(oid: string): number | string | undefined {
    const fixed = fixedValues.get(oid)
    if (fixed !== undefined) return fixed
    const upMs = machine.monotonicMs() - ageOf()
    if (oid === `${system}.3.0`) return Math.floor(upMs / 10)
    const match = /^1\.3\.6\.1\.2\.1\.(2\.2\.1|31\.1\.1\.1)\.(\d+)\.(\d+)$/.exec(oid)
    const [, table, column, row] = match ?? []
    const index = Number(row)
    const port = interfaces[index - 1]
    if (table === undefined || port === undefined) return undefined
    return table === '2.2.1'
      ? interfaceColumn(Number(column), index, port, upMs)
      : extendedColumn(Number(column), index, port, upMs)
  }

  /** Boot of the router on the appliance's own monotonic clock. */
  function ageOf(): number {
    const router = location.node('router')
    return (router?.bootedAtMono ?? 0) - machine.bootedAtMono
  }

  function interfaceColumn(
    column: number,
    index: number,
    port: (typeof interfaces)[number],
    upMs: number,
  ): number | string | undefined {
    if (column === 1) return index
    if (column === 2) return port.name
    if (column === 3) return port.type
    if (column === 7) return 1
    if (column === 8) return isUp(port.name) ? 1 : 2
    if (column === 10 || column === 16) return octets(index, upMs) % 2 ** 32
    if (column === 14 || column === 20) return 0
    return undefined
  }

  function extendedColumn(
    column: number,
    index: number,
    port: (typeof interfaces)[number],
    upMs: number,
  ): number | string | undefined {
    if (column === 1) return port.name
    if (column === 6 || column === 10) return octets(index, upMs)
    if (column === 15) return 1_000
    return undefined
  }

  function isUp(port: string): boolean {
    if (port === 'wan0') return location.hasWanLink()
    if (port === 'lan1') return location.isApplianceOnLan()
    return true
  }

  return {
    get(ip, oids, { community: asked, timeoutMs, retries }) {
      neighbors.used([ip])
      let waitMs = 0
      for (let attempt = 0; attempt <= retries; attempt++) {
        const path = ip === addresses.router && asked === community ? paths.to(ip) : undefined
        const rttMs = path === undefined ? null : paths.roundTrip(path)
        if (rttMs === null) {
          waitMs += timeoutMs
          continue
        }
        return later(machine, waitMs + rttMs + 0.5, () => {
          const values: [string, number | string][] = []
          for (const oid of oids) {
            const value = valueOf(oid)
            if (value !== undefined) values.push([oid, value])
          }
          return { kind: 'values', values: new Map(values) satisfies SnmpValues }
        })
      }
      return later(machine, waitMs, () => ({ kind: 'timeout' }))
    },
  }
}

/** Some kilobytes a second; more on the way out of the house. */
function octets(index: number, upMs: number): number {
  return Math.floor((upMs / 1_000) * (index === wanIndex ? 24_000 : 9_000))
}

const fixedValues = new Map<string, number | string>([
  [`${system}.1.0`, 'RouterOS RB750Gr3'],
  [`${system}.2.0`, '1.3.6.1.4.1.14988.1'],
  [`${system}.4.0`, 'Network Team'],
  [`${system}.5.0`, 'router'],
  [`${system}.6.0`, 'Back office'],
  ['1.3.6.1.2.1.2.1.0', interfaces.length],
  // ipRouteIfIndex and ipRouteNextHop of the default route (RFC 1213).
  ['1.3.6.1.2.1.4.21.1.2.0.0.0.0', wanIndex],
  ['1.3.6.1.2.1.4.21.1.7.0.0.0.0', addresses.provider],
  // ipAdEntIfIndex of the WAN address.
  [`1.3.6.1.2.1.4.20.1.2.${addresses.routerWan}`, wanIndex],
  [`1.3.6.1.2.1.4.20.1.2.${addresses.router}`, 4],
  [`${ifTable}.2.${wanIndex}`, 'wan0'],
  [`${ifXTable}.1.${wanIndex}`, 'wan0'],
])
