import { type DeviceRole, toShortText } from '@proactive/shared'
import type { DeviceFacts, LocationState } from './state.ts'

/** How people call the device. Names are foreign text: cut and cleaned. */
export function nameOf(facts: DeviceFacts): string {
  const { id, name, vendor, model, ips } = facts.shown
  const product = [vendor, model].filter((part) => part !== undefined && part !== '').join(' ')
  return toShortText(name || product || ips[0] || id, 60) || id
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
    const { role } = facts
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
