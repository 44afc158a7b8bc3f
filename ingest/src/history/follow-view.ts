import { type EpochMs, fingerprint } from '@proactive/shared'
import type { ChangeWord, LocationChange } from '@proactive/shared/http'
import type { Trx } from '../db/database.ts'
import type { LocationView } from '../faults/model.ts'
import type { Changes } from './changes.ts'
import { devicesWithTraits, keepTraits, type Traits, traitsOf } from './traits.ts'

/** Takes a view as it is stored, in the same transaction: `before` is what was stored until now. */
export type ViewFollower = (trx: Trx, before: LocationView | undefined, view: LocationView) => Promise<void>

/**
 * Keeps by what a Location's devices are known, and what became of names and versions: nobody tells of those as a change. Of each Location the
 * first view after the start is compared with what is kept, later ones with the view before.
 */
export function createViewFollower({
  changes,
  nowMs,
}: {
  readonly changes: Pick<Changes, 'keepIn'>
  readonly nowMs: () => EpochMs
}): ViewFollower {
  const followed = new Set<string>()
  return async (trx, before, view) => {
    const { locationId } = view
    // The log's own stamp: the same view gives the same history.
    const atMs = view.lastSeenMs ?? nowMs()
    const now = new Map(view.devices.map(({ device }) => [device.id, traitsOf(device)]))
    const then = new Map((before?.devices ?? []).map(({ device }) => [device.id, traitsOf(device)]))
    const gone = followed.has(locationId) ? then.keys() : await devicesWithTraits(trx, locationId)
    const moved = new Map<string, Traits>()
    for (const id of gone) if (!now.has(id)) moved.set(id, [])
    for (const [id, traits] of now)
      if (!followed.has(locationId) || JSON.stringify(traits) !== JSON.stringify(then.get(id)))
        moved.set(id, traits)
    await keepTraits(trx, locationId, moved, atMs)
    if (before !== undefined) await changes.keepIn(trx, locationId, changesBetween(before, view, atMs))
    followed.add(locationId)
  }
}

/** Names, firmware and the agent's version that are others now; what was not known before is no change. */
export function changesBetween(before: LocationView, view: LocationView, atMs: EpochMs): LocationChange[] {
  const then = new Map(before.devices.map(({ device }) => [device.id, device]))
  const words: ChangeWord[] = []
  const compare = (
    from: string | null | undefined,
    to: string | null | undefined,
    word: (both: Both) => ChangeWord,
  ) => {
    if (from != null && to != null && from !== to) words.push(word({ from, to }))
  }
  for (const { device } of view.devices) {
    const known = then.get(device.id)
    const own = { deviceId: device.id }
    compare(known?.name, device.name, (both) => ({ type: 'device-renamed', ...own, ...both }))
    compare(known?.version, device.version, (both) => ({ type: 'device-updated', ...own, ...both }))
  }
  if (before.applianceId === view.applianceId)
    compare(before.agentVersion, view.agentVersion, (both) => ({ type: 'agent-updated', ...both }))
  return words.map((change) => ({
    id: fingerprint(['view', view.locationId, atMs, JSON.stringify(change)]),
    atMs,
    change,
  }))
}

interface Both {
  readonly from: string
  readonly to: string
}
