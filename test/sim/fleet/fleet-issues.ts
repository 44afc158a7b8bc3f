import type { EpochMs, FaultClass } from '@proactive/shared'
import { accountsFor, mayAccountFor } from '../../../ingest/src/faults/fleet/cover.ts'
import {
  createFleetCore,
  type FleetEffect,
  type FleetEvent,
  type FleetParent,
} from '../../../ingest/src/faults/index.ts'
import type { LocationTale, ToldIncident } from './run-fleet.ts'

/** An incident of many Locations. */
export interface ToldOutage {
  readonly key: string
  readonly openedAtMs: EpochMs
  readonly faultClass: FaultClass
  readonly headline: string
  readonly locationIds: ReadonlySet<string>
}

/** What the helpdesk would have: one Issue a parent, and those of single Locations that no parent accounts for. */
export interface FleetIssues {
  readonly outages: readonly ToldOutage[]
  /** When an incident's Issue opened; absent = never. */
  readonly issueAtMs: ReadonlyMap<ToldIncident, EpochMs>
}

type Word = { readonly atMs: EpochMs; readonly parent: FleetParent | null }

/** Tells the reducer over all Locations what they signalled, in the order of time, and reads off which Issues open. */
export function fleetIssues(tales: readonly LocationTale[]): FleetIssues {
  const { outages, wordsById } = runFleetCore(tales)
  const issueAtMs = new Map<ToldIncident, EpochMs>()
  for (const tale of tales) {
    const words = wordsById.get(`loc-${tale.index}`) ?? []
    for (const incident of tale.incidents) {
      const atMs = issueTimeOf(incident, words)
      if (atMs !== null) issueAtMs.set(incident, atMs)
    }
  }
  return { outages, issueAtMs }
}

function runFleetCore(tales: readonly LocationTale[]): {
  outages: ToldOutage[]
  wordsById: Map<string, Word[]>
} {
  const core = createFleetCore({ env: 'sim' })
  const wordsById = new Map<string, Word[]>()
  const outageByKey = new Map<string, ToldOutage & { locationIds: Set<string> }>()
  let state = core.empty()
  let offset = 0
  const take = (event: FleetEvent, nowMs: EpochMs) => {
    offset++
    const turn = core.reduce(state, event, { nowMs, origin: { from: 'ingest', partition: 'fleet', offset } })
    state = turn.state
    for (const effect of turn.effects) note(effect, nowMs)
  }
  const note = (effect: FleetEffect, atMs: EpochMs) => {
    if (effect.type === 'fleet-judged') {
      const words = wordsById.get(effect.locationId) ?? []
      words.push({ atMs, parent: effect.parent })
      wordsById.set(effect.locationId, words)
      return
    }
    const { key, faultClass, headline, locationIds = [] } = effect.report
    const known = outageByKey.get(key)
    const all = new Set([...(known?.locationIds ?? []), ...locationIds])
    outageByKey.set(key, {
      key,
      openedAtMs: known?.openedAtMs ?? atMs,
      faultClass,
      headline,
      locationIds: all,
    })
  }
  const told = tales
    .flatMap(({ signals }) => signals)
    .sort((a, b) => a.atMs - b.atMs || (a.signal.locationId < b.signal.locationId ? -1 : 1))
  const wakeUntil = (untilMs: EpochMs) => {
    for (;;) {
      const wakeAtMs = core.wakeAtMs(state)
      if (wakeAtMs === null || wakeAtMs > untilMs) return
      take({ type: 'woke' }, wakeAtMs)
    }
  }
  for (const { atMs, signal } of told) {
    wakeUntil(atMs)
    take({ type: 'location-signalled', signal, provider: null }, atMs)
  }
  wakeUntil((told.at(-1)?.atMs ?? 0) + 3_600_000)
  return { outages: [...outageByKey.values()], wordsById }
}

/** From when on an incident has an Issue of its own: at once, or when no parent accounts for it any more; null = never. */
function issueTimeOf(
  { openedAtMs, endedAtMs, causes, isHeld }: ToldIncident,
  words: readonly Word[],
): EpochMs | null {
  if (isHeld) return null
  let heldBy: FaultClass | null = null
  const moments = [openedAtMs, ...causes.map(({ atMs }) => atMs), ...words.map(({ atMs }) => atMs)]
    .filter((atMs) => atMs >= openedAtMs)
    .sort((a, b) => a - b)
  for (const atMs of moments) {
    const parent = words.findLast((word) => word.atMs <= atMs)?.parent ?? null
    const cause = causes.findLast((one) => one.atMs <= atMs)?.faultClass ?? causes[0]?.faultClass
    // What is over needs no Issue, unless it turned out to be another fault than the one it was held for.
    const wasInDoubt = heldBy !== null && cause !== undefined && !accountsFor(heldBy, cause)
    if (endedAtMs !== null && atMs >= endedAtMs && atMs > openedAtMs && !wasInDoubt) continue
    if (parent === null || cause === undefined) return atMs
    // What is held waits for the fleet's word on what it turned out to be.
    const mayStay: typeof accountsFor = heldBy === parent.faultClass ? mayAccountFor : accountsFor
    if (!mayStay(parent.faultClass, cause)) return atMs
    heldBy = parent.faultClass
  }
  return null
}
