import type { EpochMs, FaultClass, Severity } from '@proactive/shared'
import type { Cause } from './cause.ts'
import { isExpectedNow } from './expectation.ts'
import { checkoutsOf } from './judge-paths.ts'
import { rules } from './rules.ts'
import type { DeviceFacts, LocationState } from './state.ts'
import { clockAt } from './trading.ts'
import { habitOf, hoursPerWeek, unpackWeek } from './week.ts'

/** How much a fault hurts trade now: what decides how urgent its Issue is. */
export interface Impact {
  /** Checkouts that should be running now. */
  readonly checkouts: number
  /** Of these, those that cannot take cards, or hardly, because of this fault. */
  readonly lost: number
  /** 0..1: how many checkouts run at this hour beside the busiest of the week, as learned. */
  readonly hourWeight: number
  /** Open, or within the half hour before. */
  readonly isOpen: boolean
}

/** How much of a lost checkout one is that this fault touches; classes that are not here cost no checkout anything. */
const shareLost: Readonly<Partial<Record<FaultClass, number>>> = {
  'location-dark': 1,
  'router-down': 1,
  'power-cut': 1,
  'wan-link-down': 1,
  'provider-down': 1,
  'switch-down': 1,
  'pos-down': 1,
  'payment-path-failing': 1,
  'ip-conflict': 0.6,
  'device-down': 0.5,
  'dns-failing': 0.4,
  'wan-degraded': 0.15,
}
/** A line that is hardly usable. */
const hardlyUsable = 0.45
/** Of several processors one is out of reach: some cards still work. */
const someProcessors = 0.4
/** What is broken while the shop is closed has time until it opens. */
const closedWeight = 0.15
const leastHourWeight = 0.25

/** Half the trade at a good hour is critical: the desk answers within two hours, day and night. A fifth is high. */
const criticalFrom = 0.5
const highFrom = 0.2

type Told = Pick<Cause, 'faultClass' | 'rootRole' | 'rootDeviceId' | 'affected' | 'severity'>

/** Lost checkouts × weight of the hour × open or closed; where no checkout is concerned the rule's own word. */
export function severityOf(state: LocationState, cause: Told, nowMs: EpochMs): Severity {
  const { faultClass, rootRole } = cause
  const impact = impactOf(state, cause, nowMs)
  const share = shareOf(state, cause)
  if (share === 0 || impact.lost === 0) {
    const isPrinter = rootRole === 'printer'
    return faultClass === 'device-down' && !isPrinter ? 'high' : rules[faultClass].severity
  }
  const { lost, checkouts, hourWeight, isOpen } = impact
  // Sixth digit: three fifths of a third are a fifth, not a little less.
  const score = Math.round(share * (lost / checkouts) * (isOpen ? hourWeight : closedWeight) * 1e6) / 1e6
  return score >= criticalFrom ? 'critical' : score >= highFrom ? 'high' : 'medium'
}

/** Which checkouts are lost by it, of those that run at this hour. */
export function impactOf(state: LocationState, { affected, rootDeviceId }: Told, nowMs: EpochMs): Impact {
  const all = checkoutsOf(state).flatMap((id) => state.deviceById.get(id) ?? [])
  const { bin, isOpen } = clockAt(state, nowMs)
  // While the shop is closed nobody is expected; then all of them are what is at stake.
  const expected = all.filter((facts) => facts.isSleeper || isExpectedNow(state, facts, nowMs))
  const running = isOpen && expected.length > 0 ? expected : all
  const touched = new Set(rootDeviceId === undefined ? affected : [...affected, rootDeviceId])
  const lost = running.filter(({ device }) => touched.has(device.id)).length
  return { checkouts: running.length, lost, hourWeight: hourWeightOf(all, bin), isOpen }
}

function shareOf(state: LocationState, { faultClass, severity }: Told): number {
  const share = shareLost[faultClass] ?? 0
  if (faultClass === 'wan-degraded' && severity === 'high') return hardlyUsable
  if (faultClass !== 'payment-path-failing' && faultClass !== 'dns-failing') return share
  const targets = (state.appliance?.targets ?? []).filter(({ kind }) => kind === 'paypath').length
  const failing = state.conditions.filter(({ kind, state }) => kind === 'paypath' && state === 'bad')
  // Names that fail cost nothing while another resolver helps out, and everything once no processor is found any more.
  if (faultClass === 'dns-failing') {
    const unnamed = failing.filter(({ stage }) => stage === 'dns').length
    return unnamed > 0 && unnamed >= targets ? 1 : share
  }
  return failing.length > 0 && failing.length < targets ? someProcessors : share
}

/** Checkouts that usually run in this hour, beside the busiest hour of the week; 1 where nothing is learned. */
function hourWeightOf(checkouts: readonly DeviceFacts[], bin: number): number {
  const learned = checkouts.filter(({ habit }) => habit.week !== '')
  if (learned.length === 0) return 1
  const running = Array.from({ length: hoursPerWeek }, () => 0)
  let isKnown = false
  for (const { habit } of learned) {
    unpackWeek(habit.week).forEach((hour, at) => {
      const { watched, there } = habitOf(hour)
      if (watched >= 2 && at === bin) isKnown = true
      if (watched >= 2 && there * 2 >= watched) running[at] = (running[at] ?? 0) + 1
    })
  }
  const most = Math.max(...running)
  if (!isKnown || most === 0) return 1
  return Math.max(leastHourWeight, (running[bin] ?? 0) / most)
}

/** `2 of 3 checkouts lost; the shop is open`, for the diagnosis; empty where no checkout is concerned. */
export function impactWords(state: LocationState, cause: Told, nowMs: EpochMs): string {
  if (shareOf(state, cause) === 0) return ''
  const { lost, checkouts, isOpen } = impactOf(state, cause, nowMs)
  if (lost === 0) return ''
  return `${lost} of ${checkouts} ${checkouts === 1 ? 'checkout' : 'checkouts'} concerned; the shop is ${isOpen ? 'open' : 'closed'}`
}
