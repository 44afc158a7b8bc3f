import { type Change, type Evidence, toShortText } from '@proactive/shared'
import type { Freshness } from './freshness.ts'
import { confirmClaim, tell } from './standing.ts'
import { type Condition, type ConditionKind, type LocationState, unknownStanding } from './state.ts'
import type { Turn } from './turn.ts'

/** Most conditions of one Location; foreign text (resolvers, addresses) names some of them, so there is a bound. */
export const maxConditions = 64

/** The condition of that name, where anything was said of it. */
export function findCondition(
  state: LocationState,
  kind: ConditionKind,
  subject: string,
): Condition | undefined {
  return state.conditions.find((condition) => condition.kind === kind && condition.subject === subject)
}

/** The condition of that name, made unknown where it is new; null when there is no room and nothing well to forget. */
export function conditionOf(state: LocationState, kind: ConditionKind, subject: string): Condition | null {
  const known = findCondition(state, kind, subject)
  if (known !== undefined) return known
  if (state.conditions.length >= maxConditions) {
    const forgettable = state.conditions.findIndex(({ state, claim }) => state !== 'bad' && claim === null)
    if (forgettable < 0) return null
    state.conditions.splice(forgettable, 1)
  }
  const fresh: Condition = { kind, subject, ...unknownStanding() }
  state.conditions.push(fresh)
  return fresh
}

/** What was measured, in one line for people. */
export function evidenceWords(evidence: readonly Evidence[]): string {
  const lines = evidence
    .slice(0, 3)
    .map(({ probe, target, answer, detail }) => `${probe} ${target} ${answer}${detail ? ` (${detail})` : ''}`)
  return toShortText(lines.join(', '), 160)
}

/** Folds a change of link, gateway, WAN, DNS, DHCP, payment path or address into its condition. */
export function foldCondition(turn: Turn, change: Change, freshness: Freshness): void {
  const { state } = turn
  const told = (
    kind: ConditionKind,
    subject: string,
    isGood: boolean,
    sinceMs: number,
    evidence: readonly Evidence[],
    details: Partial<Condition> = {},
  ): void => {
    const condition = conditionOf(state, kind, subject)
    if (condition === null) return
    const wasBad = condition.state === 'bad'
    const isNews = tell(
      turn,
      condition,
      isGood ? 'good' : 'bad',
      freshness.toLogMs(sinceMs),
      freshness,
      evidenceWords(evidence),
    )
    const isRefined = Object.entries(details).some(
      ([key, value]) => JSON.stringify(condition[key as keyof Condition]) !== JSON.stringify(value),
    )
    if (isRefined) Object.assign(condition, details)
    if (wasBad && condition.state === 'good') condition.restoredMs = turn.nowMs
    if (isNews || isRefined) turn.isChanged = true
  }
  switch (change.type) {
    case 'link-changed':
      told('link', change.uplinkId ?? change.interface, change.hasCarrier, change.sinceMs, change.evidence)
      return
    case 'gateway-changed':
      told(
        'gateway',
        change.uplinkId,
        change.isReachable,
        change.sinceMs,
        change.evidence,
        change.deviceId === undefined ? {} : { deviceId: change.deviceId },
      )
      return
    case 'wan-changed':
      told('wan', change.uplinkId, change.state !== 'down', change.sinceMs, change.evidence, {
        firstHop: change.firstHop,
        wanLink: change.wanLink,
        isDegraded: change.state === 'degraded',
      })
      return
    case 'dns-changed':
      told('dns', change.resolver, change.isAnswering, change.sinceMs, change.evidence, {
        otherResolverAnswers: change.otherResolverAnswers,
      })
      return
    case 'dhcp-changed':
      told('dhcp', change.server, change.isAnswering, change.sinceMs, change.evidence)
      return
    case 'paypath-changed':
      told('paypath', change.targetId, change.stage === 'none', change.sinceMs, change.evidence, {
        stage: change.stage,
      })
      return
    case 'ip-conflict':
      told('ip-conflict', change.ip, !change.isActive, freshness.atMs, change.evidence, {
        macs: change.macs,
      })
      return
    default:
      return
  }
}

/**
 * A fresh live batch came behind late words on the same lane. A lane has no holes, so nothing newer was said:
 * what the appliance claimed last still holds.
 */
export function confirmClaims(turn: Turn): void {
  for (const condition of turn.state.conditions) {
    if (condition.claim === null) continue
    confirmClaim(turn, condition)
    turn.isChanged = true
  }
}
