import type { Payability } from '@proactive/shared'
import { isMissedSleeper } from './habit.ts'
import { primaryCondition } from './inventory.ts'
import { checkoutsOf } from './judge-paths.ts'
import type { DeviceFacts, LocationState } from './state.ts'

/** Whether the shop can take cards: its checkouts one by one, and where none is known the way to the processor alone. */
export function payabilityOf(state: LocationState): Payability {
  if (!state.session.isOpen || !state.isInventoried) return 'unknown'
  const way = payabilityOfWay(state)
  if (way === 'not-payable') return way
  const each = checkoutsOf(state).flatMap((id) => {
    const facts = state.deviceById.get(id)
    return facts === undefined ? [] : [ofCheckout(state, facts, way)]
  })
  if (each.length === 0) return hasPayPath(state) ? way : 'unknown'
  if (each.every((payability) => payability === 'not-payable')) return 'not-payable'
  return each.every((payability) => payability === 'payable') ? 'payable' : 'degraded'
}

/** The same for one checkout; undefined for what is none. */
export function payabilityOfCheckout(state: LocationState, facts: DeviceFacts): Payability | undefined {
  if (!checkoutsOf(state).includes(facts.device.id)) return undefined
  if (!state.session.isOpen || !state.isInventoried) return 'unknown'
  return ofCheckout(state, facts, payabilityOfWay(state))
}

/** Terminal, then what it shares with the others. One that sleeps as terminals do can take cards as soon as it is touched. */
function ofCheckout(state: LocationState, facts: DeviceFacts, way: Payability): Payability {
  const isLost = facts.isSleeper ? isMissedSleeper(state, facts, state.nowMs) : true
  if (facts.state === 'bad' && isLost) return 'not-payable'
  const isInConflict = state.incidents.some(
    ({ faultClass, state, affected }) =>
      faultClass === 'ip-conflict' && state === 'open' && affected.includes(facts.device.id),
  )
  return way === 'payable' && isInConflict ? 'degraded' : way
}

/** From the router to the processor: the first stage that fails decides. */
function payabilityOfWay(state: LocationState): Payability {
  const isBad = (kind: 'link' | 'gateway' | 'wan'): boolean => primaryCondition(state, kind)?.state === 'bad'
  const isRouterDown = state.incidents.some(
    ({ faultClass, state }) => faultClass === 'router-down' && state === 'open',
  )
  if (isBad('link') || isBad('gateway') || isBad('wan') || isRouterDown) return 'not-payable'
  const targets = (state.appliance?.targets ?? []).filter(({ kind }) => kind === 'paypath')
  const failing = state.conditions.filter(({ kind, state }) => kind === 'paypath' && state === 'bad')
  if (failing.length > 0) return failing.length >= targets.length ? 'not-payable' : 'degraded'
  const isRough = state.conditions.some(
    ({ kind, state }) => (kind === 'dns' || kind === 'slow') && state === 'bad',
  )
  return isRough || primaryCondition(state, 'wan')?.isDegraded ? 'degraded' : 'payable'
}

function hasPayPath(state: LocationState): boolean {
  return state.appliance?.targets.some(({ kind }) => kind === 'paypath') === true
}
