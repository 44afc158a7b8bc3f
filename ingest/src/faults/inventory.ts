import type { Birth, Device } from '@proactive/shared'
import { makeStale } from './standing.ts'
import {
  type Condition,
  type DeviceFacts,
  describeDevices,
  type LocationState,
  newDeviceFacts,
  noEvidence,
  type Standing,
} from './state.ts'
import type { Turn } from './turn.ts'

/** Most devices of one Location, as of a birth. */
const maxDevices = 1_100

/** The way out that the shop uses: the one that is called primary, else the first. */
export function primaryUplinkId(state: LocationState): string {
  const uplinks = state.appliance?.uplinks ?? []
  return (uplinks.find(({ kind }) => kind === 'primary') ?? uplinks[0])?.id ?? 'primary'
}

/** What was told of the first way out, which is the one the shop uses. */
export function primaryCondition(
  state: LocationState,
  kind: 'link' | 'gateway' | 'wan',
): Condition | undefined {
  if (!state.conditions.some((condition) => condition.kind === kind)) return undefined
  const id = primaryUplinkId(state)
  const ifName = state.appliance?.uplinks.find((uplink) => uplink.id === id)?.interface
  return state.conditions.find(
    (condition) =>
      condition.kind === kind &&
      (condition.subject === id || (kind === 'link' && condition.subject === ifName)),
  )
}

/** The router as a device of the inventory, where it is known. */
export function gatewayDeviceOf(state: LocationState): DeviceFacts | undefined {
  const named = primaryCondition(state, 'gateway')?.deviceId
  const byName = named === undefined ? undefined : state.deviceById.get(named)
  if (byName !== undefined) return byName
  return (
    state.devices.find(({ isGateway }) => isGateway) ?? state.devices.find(({ role }) => role === 'router')
  )
}

/** Remembers what reading a batch would otherwise look up in every device. */
export function takeStock(state: LocationState): void {
  state.routerAlias = gatewayDeviceOf(state)?.device.alias ?? 0
  const isCalm = ({ state, claim }: Standing): boolean => state === 'good' && claim === null
  state.isCalm =
    state.hold === null &&
    state.conditions.every(isCalm) &&
    state.devices.every((facts) => isCalm(facts) && facts.emptyBatches === 0)
}

/** Takes the whole inventory of a birth; what is not in it any more is forgotten, what is known keeps its standing. */
export function takeBirth(turn: Turn, applianceId: string, birth: Birth): void {
  const { state, nowMs } = turn
  const isOwn = state.appliance?.id === applianceId && state.appliance.bootEpoch === birth.bootEpoch
  state.appliance = {
    id: applianceId,
    bootEpoch: birth.bootEpoch,
    agentVersion: birth.agentVersion,
    ...(birth.hardware === undefined ? {} : { hardware: birth.hardware }),
    clock: birth.clock,
    clockOffsetMs:
      birth.clock === 'unsynced'
        ? nowMs - birth.atMs
        : isOwn
          ? (state.appliance?.clockOffsetMs ?? null)
          : null,
    ...(isOwn && state.appliance?.lagMs !== undefined ? { lagMs: state.appliance.lagMs } : {}),
    uplinks: birth.uplinks,
    targets: birth.targets,
  }
  const listed = birth.devices.slice(0, maxDevices).map((device) => {
    const known = state.deviceById.get(device.id)
    if (known === undefined) return newDeviceFacts(device)
    known.device = { ...device, evidence: noEvidence }
    return known
  })
  state.devices = [...listed, ...missedAmong(state, new Set(birth.devices.map(({ id }) => id)))]
  describeDevices(state)
  turn.inventory = birth.devices
  turn.isChanged = true
}

/** An inventory that forgets a device does not mend it: who is silent and has an incident stays, until it is back or a person says that it is gone. */
function missedAmong(state: LocationState, listed: ReadonlySet<string>): DeviceFacts[] {
  return state.devices.filter(
    ({ device, state: standing }) =>
      !listed.has(device.id) &&
      standing === 'bad' &&
      state.incidents.some(({ rootDeviceId }) => rootDeviceId === device.id),
  )
}

/** A device that just turned up; known ones only bring their description up to date. */
export function takeNewDevice(turn: Turn, device: Device): DeviceFacts | null {
  const { state } = turn
  const known = state.deviceById.get(device.id)
  turn.isChanged = true
  if (known !== undefined) {
    known.device = { ...device, evidence: noEvidence }
    return known
  }
  if (state.devices.length >= maxDevices) return null
  const facts = newDeviceFacts(device)
  state.devices.push(facts)
  describeDevices(state)
  return facts
}

/** The agent started anew: nothing it said before is watched by it any more. */
export function forgetFreshness(state: LocationState): void {
  for (const condition of state.conditions) makeStale(condition)
  for (const facts of state.devices) {
    makeStale(facts)
    facts.emptyBatches = 0
  }
}
