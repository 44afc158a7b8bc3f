import type { Device } from '@proactive/shared'
import { attachmentKey, attachmentsOf, attachmentText, type Bridge } from '../core/attachments.ts'
import { contains, isInsideAny } from '../core/networks.ts'
import {
  placesOf,
  readArpTable,
  readLldp,
  readPortInterfaces,
  readPorts,
  type SwitchTables,
  tableOids,
} from '../core/neighbor-tables.ts'
import type { SnmpAccess, SnmpValues, Stop } from '../ports/index.ts'
import { profileOf } from '../rules/profiles.ts'
import type { WatchContext } from './context.ts'
import type { Links } from './links.ts'

export interface NeighborTablesDeps {
  readonly links: Links
  readonly snmpAccess: () => SnmpAccess | undefined
  /** The router has seen this MAC at an address of a network that the appliance is not attached to. */
  readonly onSeen: (ip: string, mac: string, isStillUsed: (ip: string) => boolean) => void
  readonly onLearned: () => void
}

/** Reads by SNMP who is where: the router's ARP table for other subnets, the switches' ports and their LLDP neighbors. */
export interface NeighborTables {
  start(): Stop
  /** Reads now; resolves when all is read. */
  read(): Promise<void>
}

interface Read {
  readonly tables: SwitchTables
  readonly bridge: Bridge
  readonly isChanged: boolean
}

const periodMs = 5 * 60_000
/** Names and roles come with the first inventory. */
const firstReadMs = 20_000
const timeoutMs = 1_000
/** Rows of one table: two /22 of neighbors. */
const maxRows = 2_048
const maxSwitches = 16

export function createNeighborTables(context: WatchContext, deps: NeighborTablesDeps): NeighborTables {
  const { scheduler, snmp, inventory, log } = context
  const { links } = deps
  let isReading = false
  let isStopped = false

  async function walk(device: Device, oid: string): Promise<SnmpValues> {
    const access = deps.snmpAccess()
    const [ip] = device.ips
    const probeClass = profileOf(device).class
    if (access === undefined || ip === undefined || isStopped) return new Map()
    const maySend = () => context.budget.take(probeClass, 1)
    const pace = { timeoutMs, retries: 0, maySend }
    const outcome = await snmp.walk(ip, oid, { ...access, ...pace, maxRows, octets: 'hex' })
    return outcome.kind === 'values' ? outcome.values : new Map()
  }

  /** Networks that only the router can look into. */
  const farNetworks = () =>
    context
      .plan()
      .networks.filter((network) => !links.attachedNetworks().some((own) => contains(own, network)))

  async function readRouter(router: Device): Promise<void> {
    const far = farNetworks()
    if (far.length === 0) return
    const old = await walk(router, tableOids.arp)
    const values = old.size > 0 ? old : await walk(router, tableOids.arpNew)
    const seen = readArpTable(values)
    const macByIp = new Map(seen.map(({ ip, mac }) => [ip, mac]))
    for (const { ip, mac } of seen) {
      if (isInsideAny(far, ip))
        deps.onSeen(ip, mac, (other) => !isInsideAny(far, other) || macByIp.get(other) === mac)
    }
  }

  async function readSwitch(device: Device): Promise<Read> {
    const plain = await walk(device, tableOids.ports)
    const ports = readPorts(plain.size > 0 ? plain : await walk(device, tableOids.vlanPorts))
    let isChanged = false
    const neighbors = readLldp(await walk(device, tableOids.lldp))
    const interfaceByPort = readPortInterfaces(
      neighbors.length === 0 ? new Map() : await walk(device, tableOids.portInterfaces),
    )
    for (const { mac, sysName, sysDescr } of neighbors) {
      if (inventory.byMac(mac) === undefined) continue
      const learn = (key: string, value: string | undefined) =>
        value !== undefined && inventory.learn(mac, { source: 'lldp', key, value })
      isChanged = learn('sysName', sysName) || isChanged
      isChanged = learn('sysDescr', sysDescr) || isChanged
    }
    return {
      tables: { name: device.name ?? device.id, ports },
      bridge: { deviceId: device.id, ports, neighbors, interfaceByPort },
      isChanged,
    }
  }

  async function readAll(): Promise<void> {
    const answersSnmp = (device: Device) =>
      device.evidence.some(({ source, key }) => source === 'snmp' && key === 'sysDescr')
    const managed = inventory.devices().filter(answersSnmp)
    for (const router of managed.filter(({ isGateway }) => isGateway)) await readRouter(router)
    let isChanged = false
    const switches: SwitchTables[] = []
    const bridges: Bridge[] = []
    for (const device of managed.filter(({ role }) => role === 'switch').slice(0, maxSwitches)) {
      const read = await readSwitch(device)
      switches.push(read.tables)
      bridges.push(read.bridge)
      isChanged = read.isChanged || isChanged
    }
    for (const [mac, value] of placesOf(switches)) {
      if (inventory.byMac(mac) === undefined) continue
      isChanged = inventory.learn(mac, { source: 'lldp', key: 'switchPort', value }) || isChanged
    }
    for (const [id, attachment] of attachmentsOf(bridges, inventory.devices())) {
      const mac = inventory.byId(id)?.macs[0]
      // Nothing needs to be said of those that never were behind any.
      if (mac === undefined || (attachment === null && inventory.byId(id)?.attachedTo === undefined)) continue
      const value = attachmentText(attachment)
      isChanged = inventory.learn(mac, { source: 'lldp', key: attachmentKey, value }) || isChanged
    }
    if (isChanged) deps.onLearned()
  }

  async function read(): Promise<void> {
    if (isReading || isStopped || deps.snmpAccess() === undefined) return
    isReading = true
    try {
      await readAll()
    } catch (err) {
      log.warn({ err }, 'the tables of router and switches could not be read')
    } finally {
      isReading = false
    }
  }

  return {
    start() {
      const stops = [
        scheduler.every(periodMs, () => void read()),
        scheduler.after(firstReadMs, () => void read()),
      ]
      return () => {
        isStopped = true
        for (const stop of stops) stop()
      }
    },
    read,
  }
}
