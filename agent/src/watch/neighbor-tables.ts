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
  /** What each switch told last. It stands in for a table that was not told, once: a lost answer moves nobody to another place. */
  const lastById = new Map<string, Bridge>()
  let isReading = false
  let isStopped = false

  /** undefined = not told: no answer, or it could not be paid to its end. */
  async function walk(device: Device, oid: string): Promise<SnmpValues | undefined> {
    const access = deps.snmpAccess()
    const [ip] = device.ips
    const probeClass = profileOf(device).class
    if (access === undefined || ip === undefined || isStopped) return undefined
    const maySend = () => context.budget.take(probeClass, 1)
    const pace = { timeoutMs, retries: 0, maySend }
    const outcome = await snmp.walk(ip, oid, { ...access, ...pace, maxRows, octets: 'hex' })
    return outcome.kind === 'values' ? outcome.values : undefined
  }

  /** A table that stands at either of two places. */
  async function walkEither(device: Device, oid: string, other: string): Promise<SnmpValues | undefined> {
    const values = await walk(device, oid)
    return values === undefined || values.size > 0 ? values : walk(device, other)
  }

  /** Networks that only the router can look into. */
  const farNetworks = () =>
    context
      .plan()
      .networks.filter((network) => !links.attachedNetworks().some((own) => contains(own, network)))

  async function readRouter(router: Device): Promise<void> {
    const far = farNetworks()
    if (far.length === 0) return
    const seen = readArpTable((await walkEither(router, tableOids.arp, tableOids.arpNew)) ?? new Map())
    const macByIp = new Map(seen.map(({ ip, mac }) => [ip, mac]))
    for (const { ip, mac } of seen) {
      if (isInsideAny(far, ip))
        deps.onSeen(ip, mac, (other) => !isInsideAny(far, other) || macByIp.get(other) === mac)
    }
  }

  async function readSwitch(device: Device): Promise<Read> {
    const last = lastById.get(device.id)
    const told = await walkEither(device, tableOids.ports, tableOids.vlanPorts)
    const lldp = await walk(device, tableOids.lldp)
    const heard = lldp && readLldp(lldp)
    const interfaces =
      heard?.length === 0 ? new Map() : heard && (await walk(device, tableOids.portInterfaces))
    const bridge: Bridge = {
      deviceId: device.id,
      ports: told === undefined ? (last?.ports ?? new Map()) : readPorts(told),
      neighbors: heard ?? last?.neighbors ?? [],
      interfaceByPort:
        interfaces === undefined ? (last?.interfaceByPort ?? new Map()) : readPortInterfaces(interfaces),
    }
    if (told === undefined || interfaces === undefined) lastById.delete(device.id)
    else lastById.set(device.id, bridge)
    let isChanged = false
    for (const { mac, sysName, sysDescr } of bridge.neighbors) {
      if (inventory.byMac(mac) === undefined) continue
      const learn = (key: string, value: string | undefined) =>
        value !== undefined && inventory.learn(mac, { source: 'lldp', key, value })
      isChanged = learn('sysName', sysName) || isChanged
      isChanged = learn('sysDescr', sysDescr) || isChanged
    }
    return { tables: { name: device.name ?? device.id, ports: bridge.ports }, bridge, isChanged }
  }

  async function readAll(): Promise<void> {
    const answersSnmp = (device: Device) =>
      device.evidence.some(({ source, key }) => source === 'snmp' && key === 'sysDescr')
    const managed = inventory.devices().filter(answersSnmp)
    for (const router of managed.filter(({ isGateway }) => isGateway)) await readRouter(router)
    let isChanged = false
    const switches: SwitchTables[] = []
    const bridges: Bridge[] = []
    const asked = managed.filter(({ role }) => role === 'switch').slice(0, maxSwitches)
    for (const id of lastById.keys()) if (!asked.some((device) => device.id === id)) lastById.delete(id)
    for (const device of asked) {
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
