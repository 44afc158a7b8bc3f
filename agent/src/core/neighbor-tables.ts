import type { SnmpValues } from '../ports/index.ts'
import { ipToNumber } from './networks.ts'

/** Columns that tell who is where, with octets read as hexadecimal text. */
export const tableOids = {
  /** ipNetToMediaPhysAddress (RFC 1213): index interface, address. Deprecated, and what small routers have. */
  arp: '1.3.6.1.2.1.4.22.1.2',
  /** ipNetToPhysicalPhysAddress (RFC 4293): index interface, address type, length, address. */
  arpNew: '1.3.6.1.2.1.4.35.1.4',
  /** dot1dTpFdbPort (RFC 4188): index MAC. */
  ports: '1.3.6.1.2.1.17.4.3.1.2',
  /** dot1qTpFdbPort (RFC 4363): index filtering database, MAC. */
  vlanPorts: '1.3.6.1.2.1.17.7.1.2.2.1.2',
  /** dot1dBasePortIfIndex (RFC 4188): index bridge port. */
  portInterfaces: '1.3.6.1.2.1.17.1.4.1.2',
  /** lldpRemEntry (IEEE 802.1AB): column, then time mark, local port, index. */
  lldp: '1.0.8802.1.1.2.1.4.1.1',
} as const

const [lldpChassisType, lldpChassisId, lldpSysName, lldpSysDescr] = [4, 5, 9, 10]
const chassisIsMac = 4

/** The router's ARP table: address → MAC; broadcast and multicast left out. */
export function readArpTable(values: SnmpValues): { readonly ip: string; readonly mac: string }[] {
  return [...values].flatMap(([oid, value]) => {
    const mac = macOf(value)
    const arcs = tail(oid, tableOids.arp) ?? newIndex(oid)
    const ip = arcs?.slice(-4).join('.')
    return mac === undefined || ip === undefined || ipToNumber(ip) === undefined ? [] : [{ ip, mac }]
  })
}

/** Index of the newer table where it speaks of IPv4: interface, type 1, length 4, address. */
function newIndex(oid: string): number[] | undefined {
  const arcs = tail(oid, tableOids.arpNew)
  return arcs?.length === 7 && arcs[1] === 1 && arcs[2] === 4 ? arcs : undefined
}

/** MAC → port number, of a switch's forwarding table. */
export function readPorts(values: SnmpValues): ReadonlyMap<string, number> {
  const portByMac = new Map<string, number>()
  for (const [oid, port] of values) {
    const arcs = tail(oid, tableOids.ports) ?? tail(oid, tableOids.vlanPorts)
    if (arcs === undefined || arcs.length < 6 || arcs.length > 7 || typeof port !== 'number' || port < 1)
      continue
    const octets = arcs.slice(-6)
    if (octets.some((octet) => octet > 255)) continue
    const mac = macOf(octets.map((octet) => octet.toString(16).padStart(2, '0')).join(''))
    if (mac !== undefined) portByMac.set(mac, port)
  }
  return portByMac
}

/** Bridge port → number of the interface that it is (ifIndex). */
export function readPortInterfaces(values: SnmpValues): ReadonlyMap<number, number> {
  return new Map(
    [...values].flatMap(([oid, index]) => {
      const arcs = tail(oid, tableOids.portInterfaces)
      const [port = 0] = arcs ?? []
      return arcs?.length === 1 && port > 0 && typeof index === 'number' && index > 0
        ? [[port, index] as const]
        : []
    }),
  )
}

/** What a neighbor of a switch says about itself by LLDP. */
export interface LldpNeighbor {
  readonly mac: string
  /** As the switch counts them for LLDP: by bridge ports or by interfaces, the standard leaves it open (IEEE 802.1AB, LldpPortNumber). */
  readonly localPort: number
  readonly sysName?: string
  readonly sysDescr?: string
}

/** Neighbors that name themselves by a MAC address. */
export function readLldp(values: SnmpValues): LldpNeighbor[] {
  const rows = new Map<string, Map<number, number | string>>()
  for (const [oid, value] of values) {
    const arcs = tail(oid, tableOids.lldp)
    if (arcs?.length !== 4) continue
    const [column = 0, ...index] = arcs
    const key = index.join('.')
    const row = rows.get(key) ?? new Map<number, number | string>()
    rows.set(key, row.set(column, value))
  }
  return [...rows].flatMap(([key, row]) => {
    const mac = row.get(lldpChassisType) === chassisIsMac ? macOf(row.get(lldpChassisId)) : undefined
    if (mac === undefined) return []
    const sysName = textOf(row.get(lldpSysName))
    const sysDescr = textOf(row.get(lldpSysDescr))
    return [
      {
        mac,
        localPort: Number(key.split('.')[1]),
        ...(sysName === '' ? {} : { sysName }),
        ...(sysDescr === '' ? {} : { sysDescr }),
      },
    ]
  })
}

/** What one switch told. */
export interface SwitchTables {
  readonly name: string
  readonly ports: ReadonlyMap<string, number>
}

/**
 * Where devices are plugged in: MAC → `switch port`. Only a port with nobody else behind it is a place; where several switches see a device so,
 * the one named first in the alphabet tells, so that the answer does not change from time to time.
 */
export function placesOf(switches: readonly SwitchTables[]): ReadonlyMap<string, string> {
  const placeByMac = new Map<string, string>()
  for (const { name, ports } of [...switches].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const count = new Map<number, number>()
    for (const port of ports.values()) count.set(port, (count.get(port) ?? 0) + 1)
    for (const [mac, port] of ports)
      if (count.get(port) === 1 && !placeByMac.has(mac)) placeByMac.set(mac, `${name} ${port}`)
  }
  return placeByMac
}

/** The arcs behind a base; undefined where the OID does not lie below it or is no OID. */
function tail(oid: string, base: string): number[] | undefined {
  if (!oid.startsWith(`${base}.`) || oid.length > 200) return undefined
  const arcs = oid
    .slice(base.length + 1)
    .split('.')
    .map(Number)
  return arcs.every((arc) => Number.isInteger(arc) && arc >= 0) ? arcs : undefined
}

/** Six octets in hexadecimal → a unicast MAC address. */
function macOf(hex: number | string | undefined): string | undefined {
  if (typeof hex !== 'string' || !/^[0-9a-f]{12}$/.test(hex)) return undefined
  const isGroup = (Number.parseInt(hex.slice(0, 2), 16) & 1) !== 0
  if (isGroup || hex === '000000000000') return undefined
  return hex.match(/../g)?.join(':')
}

function textOf(hex: number | string | undefined): string {
  if (typeof hex !== 'string' || !/^(?:[0-9a-f]{2}){1,400}$/.test(hex)) return ''
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  return new TextDecoder('utf-8').decode(bytes).trim()
}
