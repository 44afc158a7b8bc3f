import type { Device, DeviceRole } from '@proactive/shared'
import {
  type Ailment,
  equipmentOids,
  portFaults,
  portOids,
  powerFaults,
  printerFaults,
} from '../core/equipment.ts'
import type { SnmpAccess, SnmpValues, Stop } from '../ports/index.ts'
import { isAskedBySnmp, profileOf } from '../rules/profiles.ts'
import type { Ailments } from './ailments.ts'
import type { WatchContext } from './context.ts'

export interface EquipmentWatchDeps {
  readonly ailments: Ailments
  /** undefined = SNMP is not set up. */
  readonly snmpAccess: () => SnmpAccess | undefined
  readonly isPresent: (deviceId: string) => boolean
}

/** Asks printers, power equipment and ports what ails them. */
export interface EquipmentWatch {
  start(): Stop
}

const periodMs = 60_000
/** Ports change seldom, and their table is long. */
const portsEvery = 5
const timeoutMs = 1_500
const maxPorts = 64
/** Packets of one walk over so many ports, both ways of the paging. */
const walkPackets = 4

const aspectByRole: Partial<Record<DeviceRole, Ailment['aspect']>> = {
  printer: 'printer',
  ups: 'power',
  pdu: 'power',
  switch: 'port',
  router: 'port',
  'access-point': 'port',
}

export function createEquipmentWatch(context: WatchContext, deps: EquipmentWatchDeps): EquipmentWatch {
  const { scheduler, snmp, inventory, budget, log } = context
  let round = 0
  let isRunning = false
  let isStopped = false

  async function look(): Promise<void> {
    const access = deps.snmpAccess()
    if (access === undefined || isRunning || isStopped) return
    isRunning = true
    try {
      const isForPorts = round++ % portsEvery === 0
      for (const device of inventory.devices()) {
        const aspect = aspectByRole[device.role]
        if (aspect === undefined || (aspect === 'port' && !isForPorts)) continue
        if (!isAskedBySnmp(device) || !deps.isPresent(device.id) || isStopped) continue
        const faults = await read(device, aspect, access)
        if (faults !== undefined) deps.ailments.note(device, { aspect, faults })
      }
    } finally {
      isRunning = false
    }
  }

  /** undefined = it does not tell. One after the other: nobody waits for this, and a LAN has few such devices. */
  async function read(
    device: Device,
    aspect: Ailment['aspect'],
    access: SnmpAccess,
  ): Promise<string[] | undefined> {
    const [ip] = device.ips
    if (ip === undefined) return undefined
    const { class: probeClass } = profileOf(device)
    const options = { ...access, timeoutMs, retries: 0 }
    if (aspect === 'port') {
      if (!budget.take(probeClass, 2 * walkPackets)) return undefined
      const walk = async (oid: string) => {
        const outcome = await snmp.walk(ip, oid, { ...options, maxRows: maxPorts })
        return outcome.kind === 'values' ? byPort(outcome.values, oid) : undefined
      }
      const duplex = await walk(portOids.duplex)
      if (duplex === undefined || duplex.size === 0) return undefined
      return portFaults((await walk(portOids.operStatus)) ?? new Map(), duplex)
    }
    if (!budget.take(probeClass, 1)) return undefined
    const oids = Object.values(equipmentOids[aspect])
    const outcome = await snmp.get(ip, oids, { ...options, octets: 'hex' })
    if (outcome.kind !== 'values' || outcome.values.size === 0) return undefined
    return aspect === 'printer'
      ? printerFaults(outcome.values.get(equipmentOids.printer.errorState))
      : powerFaults(outcome.values)
  }

  const lookQuietly = () => {
    look().catch((err: unknown) => log.warn({ err }, 'equipment could not be asked what ails it'))
  }

  return {
    start() {
      const stopEvery = scheduler.every(periodMs, lookQuietly)
      return () => {
        isStopped = true
        stopEvery()
      }
    },
  }
}

/** What stands behind the column's OID → value. */
function byPort(values: SnmpValues, column: string): ReadonlyMap<string, number | string> {
  return new Map(
    [...values].flatMap(([oid, value]) =>
      oid.startsWith(`${column}.`) ? [[oid.slice(column.length + 1), value]] : [],
    ),
  )
}
