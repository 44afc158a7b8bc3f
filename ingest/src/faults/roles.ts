import type { DeviceRole } from '@proactive/shared'
import type { DeviceFacts } from './state.ts'

/** Roles whose absence in opening hours is a fault of its own, and the class it opens. Phones, PCs and everything unknown come and go. */
export const absenceClass: Readonly<Partial<Record<DeviceRole, 'pos-down' | 'device-down'>>> = {
  'pos-terminal': 'pos-down',
  'pos-workstation': 'device-down',
  printer: 'device-down',
  switch: 'device-down',
  'access-point': 'device-down',
}

/** Roles that roam or leave with their owner: their silence says nothing, not even about a switch. */
const roaming: ReadonlySet<DeviceRole> = new Set(['mobile', 'phone', 'unknown', 'iot'])

/** Whether it comes and goes with somebody. */
export function isRoaming(facts: DeviceFacts): boolean {
  return roaming.has(facts.role)
}

/** Whether anybody would miss it: by its role, and as long as nobody said that it is gone for good. */
export function canBeMissed(facts: DeviceFacts): boolean {
  return absenceClass[facts.role] !== undefined && !facts.isRetired
}

/** Whether the absence of this device would be a fault at any time of the week. */
export function isCounted(facts: DeviceFacts): boolean {
  return canBeMissed(facts) && !facts.isSleeper
}
