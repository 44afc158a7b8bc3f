import type { FaultClass } from '@proactive/shared'
import type { LocationState } from '../state.ts'

/** Which of a Location's own causes a fault of many Locations accounts for. */
const coveredBy: Readonly<Partial<Record<FaultClass, ReadonlySet<FaultClass>>>> = {
  'provider-outage': new Set(['location-dark', 'provider-down', 'wan-link-down']),
  'region-outage': new Set(['location-dark', 'power-cut']),
  'processor-outage': new Set(['payment-path-failing']),
}

/** Two explanations of one darkness: which of them it is may turn out only when the Locations are back. */
const alternativeTo: Readonly<Partial<Record<FaultClass, FaultClass>>> = {
  'provider-outage': 'region-outage',
  'region-outage': 'provider-outage',
}

/** Whether a fault of many Locations accounts for such a cause at one of them. */
export function accountsFor(parentClass: FaultClass, faultClass: FaultClass): boolean {
  return coveredBy[parentClass]?.has(faultClass) === true
}

/** Whether it would if it turned out to be what it was not taken for: reason enough to wait for the fleet's word, none to take a Location in. */
export function mayAccountFor(parentClass: FaultClass, faultClass: FaultClass): boolean {
  const other = alternativeTo[parentClass]
  return accountsFor(parentClass, faultClass) || (other !== undefined && accountsFor(other, faultClass))
}

/** Whether the fault of many Locations that this one belongs to accounts for such a cause. */
export function isCovered(state: LocationState, faultClass: FaultClass): boolean {
  const { parent } = state.tie
  return parent !== null && accountsFor(parent.faultClass, faultClass)
}

/** Whether what is held for the fleet may stay so when it turns out to be this. */
export function staysCovered(state: LocationState, faultClass: FaultClass): boolean {
  const { parent } = state.tie
  return parent !== null && mayAccountFor(parent.faultClass, faultClass)
}
