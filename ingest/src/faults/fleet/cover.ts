import type { FaultClass } from '@proactive/shared'
import type { LocationState } from '../state.ts'

/** Which of a Location's own causes a fault of many Locations accounts for. */
const coveredBy: Readonly<Partial<Record<FaultClass, ReadonlySet<FaultClass>>>> = {
  'provider-outage': new Set(['location-dark', 'provider-down', 'wan-link-down']),
  'region-outage': new Set(['location-dark', 'power-cut']),
  'processor-outage': new Set(['payment-path-failing']),
}

/** Whether a fault of many Locations accounts for such a cause at one of them. */
export function accountsFor(parentClass: FaultClass, faultClass: FaultClass): boolean {
  return coveredBy[parentClass]?.has(faultClass) === true
}

/** Whether the fault of many Locations that this one belongs to accounts for such a cause. */
export function isCovered(state: LocationState, faultClass: FaultClass): boolean {
  const { parent } = state.tie
  return parent !== null && accountsFor(parent.faultClass, faultClass)
}
