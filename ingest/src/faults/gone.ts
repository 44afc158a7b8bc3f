import type { Unit } from '@proactive/shared'
import { nameOf } from './device-words.ts'
import { closeIncident } from './incident-changes.ts'
import { gatewayDeviceOf } from './inventory.ts'
import { describeDevices } from './state.ts'
import type { Turn } from './turn.ts'

/** Ends what is open for devices that a person called gone for good. */
export function endRetired(turn: Turn): void {
  const { state } = turn
  for (const incident of [...state.incidents]) {
    const root = incident.rootDeviceId === undefined ? undefined : state.deviceById.get(incident.rootDeviceId)
    if (root?.isRetired === true) closeIncident(turn, incident, `${nameOf(root)} was called gone for good`)
  }
}

/**
 * Another unit stands where this one stood: what was open for it is over, and it is missed no more. A router that is replaced is over when
 * its gateway address answers again: until then the new one may not be plugged in yet.
 */
export function endReplaced(
  turn: Turn,
  { before, after }: { readonly before: Unit; readonly after: Unit },
): void {
  const { state } = turn
  const next = after.serial ?? after.mac ?? after.deviceId
  const wasRouter = gatewayDeviceOf(state)?.device.id === before.deviceId
  for (const incident of state.incidents.filter(
    ({ rootDeviceId }) => rootDeviceId === before.deviceId && !wasRouter,
  ))
    closeIncident(turn, incident, `It was replaced by ${next}`)
  state.devices = state.devices.filter(({ device }) => device.id !== before.deviceId)
  describeDevices(state)
  turn.isChanged = true
}

/** Two devices turned out to be one: the id that is gone is missed no more, its device is told of under the other one. */
export function endMerged(
  turn: Turn,
  { deviceId, goneId }: { readonly deviceId: string; readonly goneId: string },
): void {
  const { state } = turn
  const other = state.deviceById.get(deviceId)
  if (deviceId === goneId || other === undefined || !state.deviceById.has(goneId)) return
  for (const incident of state.incidents.filter(({ rootDeviceId }) => rootDeviceId === goneId))
    closeIncident(turn, incident, `It is listed as ${nameOf(other)} now`)
  state.devices = state.devices.filter(({ device }) => device.id !== goneId)
  describeDevices(state)
  turn.isChanged = true
}

/** After a birth: a device that is missed under an id the inventory does not have any more, and listed under another one by its MAC address. */
export function endMissing(turn: Turn): void {
  const { state } = turn
  const listed = new Set(turn.inventory?.map(({ id }) => id))
  for (const facts of state.devices.filter(({ device }) => !listed.has(device.id))) {
    const { id, macs } = facts.device
    const other = state.devices.find(
      ({ device }) => listed.has(device.id) && device.macs.some((mac) => macs.includes(mac)),
    )
    if (other === undefined) continue
    for (const incident of state.incidents.filter(({ rootDeviceId }) => rootDeviceId === id))
      closeIncident(turn, incident, `It is listed as ${nameOf(other)} now`)
    state.devices = state.devices.filter((each) => each !== facts)
    describeDevices(state)
  }
}
