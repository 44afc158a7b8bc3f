import type { Device, EpochMs } from '@proactive/shared'
import type { Ailment } from '../core/equipment.ts'
import { evidenceOf, type WallClock, type WatchContext } from './context.ts'

/** What ails managed devices by their own words; each change is told after two readings that agree. */
export interface Ailments {
  note(device: Device, ailment: Ailment): void
  /** What ails whom at the moment. */
  list(): readonly (Ailment & { readonly deviceId: string; readonly sinceMs: EpochMs })[]
}

interface Known {
  /** What was told last; empty = well. */
  told: readonly string[]
  sinceMs: EpochMs
  /** What the last reading said, and how often in a row. */
  seen: string
  times: number
}

const readingsToTell = 2

export function createAilments(context: WatchContext, wall: WallClock): Ailments {
  const { inventory, log } = context
  const knownByKey = new Map<string, Known & Pick<Ailment, 'aspect'> & { readonly deviceId: string }>()

  /** What is known of devices that were forgotten goes with them. */
  function forgetGone(): void {
    for (const [key, { deviceId }] of knownByKey)
      if (inventory.byId(deviceId) === undefined) knownByKey.delete(key)
  }

  return {
    note(device, { aspect, faults }) {
      const key = `${aspect} ${device.id}`
      const text = faults.join(', ')
      const known = knownByKey.get(key) ?? {
        ...{ aspect, deviceId: device.id, told: [], sinceMs: 0, seen: '', times: 0 },
      }
      if (!knownByKey.has(key)) forgetGone()
      knownByKey.set(key, known)
      known.times = known.seen === text ? known.times + 1 : 1
      known.seen = text
      if (text === known.told.join(', ') || known.times < readingsToTell) return
      const atMs = wall()
      known.told = [...faults]
      known.sinceMs = atMs
      log.info({ deviceId: device.id, aspect, faults }, 'what ails a device changed')
      context.observe({
        type: 'equipment-changed',
        deviceId: device.id,
        aspect,
        faults: [...faults],
        sinceMs: atMs,
        evidence: [evidenceOf('snmp', device.ips[0] ?? '', 'changed', atMs, text || 'well')],
      })
    },
    list: () =>
      [...knownByKey.values()]
        .filter(({ told }) => told.length > 0)
        .map(({ aspect, deviceId, told, sinceMs }) => ({ aspect, deviceId, faults: told, sinceMs })),
  }
}
