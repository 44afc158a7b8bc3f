import { type Change, type EpochMs, fingerprint, type Unit } from '@proactive/shared'
import type { ChangeWord, LocationChange } from '@proactive/shared/http'
import type { LogRecord } from '../log/ingest-log.ts'
import type { LoggedFact } from './fault-event.ts'
import type { Told } from './ports.ts'

/** What a record tells people, whatever it means for faults. The same record tells the same. */
export function toldOf(
  fact: LoggedFact,
  { entry: { locationId }, receivedAtMs }: Pick<LogRecord, 'entry' | 'receivedAtMs'>,
): Told[] {
  const { event } = fact
  if (event.from !== 'appliance') return []
  if (event.kind === 'observation') {
    const change = changeOf(fact, receivedAtMs)
    return change === undefined ? [] : [{ type: 'site-change', locationId, change }]
  }
  if (event.kind !== 'birth' || event.message.interfaces === undefined) return []
  const { interfaces } = event.message
  return [{ type: 'interfaces', locationId, atMs: receivedAtMs, interfaces }]
}

function changeOf({ event, stamp }: LoggedFact, receivedAtMs: EpochMs): LocationChange | undefined {
  if (event.from !== 'appliance' || event.kind !== 'observation' || stamp === undefined) return undefined
  const { message } = event
  const change = wordOf(message.change)
  if (change === undefined) return undefined
  const { bootEpoch, lane, seq } = stamp.laneStamp
  return {
    id: fingerprint(['told', stamp.applianceId, bootEpoch, lane, seq]),
    // A clock that nobody vouched for tells no time; one that runs ahead is not believed.
    atMs: message.clock === 'synced' ? Math.min(message.atMs, receivedAtMs) : receivedAtMs,
    change,
  }
}

function wordOf(change: Change): ChangeWord | undefined {
  switch (change.type) {
    case 'device-new': {
      const { id, name, role, macs, ips, model, serial } = change.device
      const unit = { deviceId: id, mac: macs[0], ip: ips[0], model, serial, name }
      return { type: change.type, unit: { ...present(unit), deviceId: id, role } }
    }
    case 'device-moved':
      return { type: change.type, deviceId: change.deviceId, from: change.from, to: change.to }
    case 'device-replaced':
      return { type: change.type, before: change.before, after: change.after }
    case 'devices-merged':
      return { type: change.type, deviceId: change.deviceId, goneId: change.goneId }
    case 'device-restarted': {
      const { deviceId, uptimeMs } = change
      return { type: change.type, deviceId, ...(uptimeMs === undefined ? {} : { uptimeMs }) }
    }
    case 'equipment-changed':
      return {
        type: change.type,
        deviceId: change.deviceId,
        aspect: change.aspect,
        faults: change.faults,
      }
    case 'ip-conflict':
      return { type: change.type, ip: change.ip, macs: change.macs, isActive: change.isActive }
    case 'agent-started':
      return { type: change.type, previousEnd: change.previousEnd, downMs: change.downMs }
    case 'public-address-changed':
      return { type: change.type, uplinkId: change.uplinkId, from: change.before, to: change.after }
    default:
      // Conditions: they are told as incidents.
      return undefined
  }
}

/** Without what is not known. */
function present(unit: { readonly [K in keyof Unit | 'name']?: string | undefined }): Partial<Unit> {
  return Object.fromEntries(Object.entries(unit).filter(([, value]) => value !== undefined))
}
