import { type DeviceRole, toShortText } from '@proactive/shared'
import type { DeviceBrief, DeviceFacts, LocationState } from './state.ts'

/** The role in force: what a technician confirmed, else what the agent proposes. */
export function roleOf(state: LocationState, facts: DeviceFacts): DeviceRole {
  return overrideOf(state, facts.device.id)?.role ?? facts.device.role
}

/** Whether the device is expected to fall silent when idle. */
export function isSleeper(state: LocationState, facts: DeviceFacts): boolean {
  return overrideOf(state, facts.device.id)?.isSleeper ?? facts.device.isSleeper
}

/** How people call the device. Names are foreign text: cut and cleaned. */
export function nameOf(state: LocationState, facts: DeviceFacts): string {
  const { id, name, vendor, model, ips } = facts.device
  const product = [vendor, model].filter((part) => part !== undefined && part !== '').join(' ')
  const own = overrideOf(state, id)?.name ?? name
  return toShortText(own || product || ips[0] || id, 60) || id
}

/** The device as people see it: what a technician confirmed goes before what the agent proposes. */
export function confirmedBrief(state: LocationState, facts: DeviceFacts): DeviceBrief {
  const name = overrideOf(state, facts.device.id)?.name
  return {
    ...facts.device,
    role: roleOf(state, facts),
    isSleeper: isSleeper(state, facts),
    ...(name === undefined ? {} : { name }),
  }
}

function overrideOf(state: LocationState, deviceId: string) {
  const devices = state.config?.devices
  return devices !== undefined && Object.hasOwn(devices, deviceId) ? devices[deviceId] : undefined
}

const roleWords: Readonly<Partial<Record<DeviceRole, readonly [one: string, many: string]>>> = {
  'pos-terminal': ['terminal', 'terminals'],
  'pos-workstation': ['POS workstation', 'POS workstations'],
  printer: ['printer', 'printers'],
  switch: ['switch', 'switches'],
  'access-point': ['access point', 'access points'],
}

/** How many of what, e.g. "2 terminals and 3 other devices", "no device"; briefly, only the terminals where there are any. */
export function countWords(state: LocationState, deviceIds: readonly string[], isBrief = false): string {
  let terminals = 0
  let others = 0
  let otherRole: DeviceRole | null = null
  for (const id of deviceIds) {
    const facts = state.deviceById.get(id)
    if (facts === undefined) continue
    const role = roleOf(state, facts)
    if (role === 'pos-terminal' || role === 'pos-workstation') terminals += 1
    else {
      otherRole = others === 0 || otherRole === role ? role : null
      others += 1
    }
  }
  if (terminals > 0 && isBrief) return count(terminals, 'terminal', 'terminals')
  const parts: string[] = []
  if (terminals > 0) parts.push(count(terminals, 'terminal', 'terminals'))
  if (others > 0) {
    const [one, many] = (terminals === 0 && otherRole !== null && roleWords[otherRole]) || [
      terminals > 0 ? 'other device' : 'device',
      terminals > 0 ? 'other devices' : 'devices',
    ]
    parts.push(count(others, one, many))
  }
  return parts.length > 0 ? parts.join(' and ') : 'no device'
}

function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`
}
