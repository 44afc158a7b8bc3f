import type { Device, DeviceRole } from '@proactive/shared'
import { equipmentOids, powerFaults, printerFaults } from '../core/equipment.ts'
import type { SnmpAccess, Stop } from '../ports/index.ts'
import { isAskedBySnmp, profileOf } from '../rules/profiles.ts'
import type { Ailments } from './ailments.ts'
import type { WatchContext } from './context.ts'

export interface EquipmentWatchDeps {
  readonly ailments: Ailments
  /** undefined = SNMP is not set up. */
  readonly snmpAccess: () => SnmpAccess | undefined
  readonly isPresent: (deviceId: string) => boolean
}

/** Asks printers and power equipment what ails them; ports are the interface watch's. */
export interface EquipmentWatch {
  start(): Stop
}

const periodMs = 60_000
const timeoutMs = 1_500

const aspectByRole: Partial<Record<DeviceRole, 'printer' | 'power'>> = {
  printer: 'printer',
  ups: 'power',
  pdu: 'power',
}

export function createEquipmentWatch(context: WatchContext, deps: EquipmentWatchDeps): EquipmentWatch {
  const { scheduler, snmp, inventory, budget, log } = context
  let isRunning = false
  let isStopped = false

  async function look(): Promise<void> {
    const access = deps.snmpAccess()
    if (access === undefined || isRunning || isStopped) return
    isRunning = true
    try {
      for (const device of inventory.devices()) {
        const aspect = aspectByRole[device.role]
        if (aspect === undefined || !isAskedBySnmp(device) || !deps.isPresent(device.id) || isStopped)
          continue
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
    aspect: 'printer' | 'power',
    access: SnmpAccess,
  ): Promise<string[] | undefined> {
    const [ip] = device.ips
    if (ip === undefined) return undefined
    const { class: probeClass } = profileOf(device)
    const maySend = () => budget.take(probeClass, 1)
    const options = { ...access, timeoutMs, retries: 0, maySend }
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
