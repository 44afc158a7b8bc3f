import type { LocationDetail, UsualPath } from '@proactive/shared/http'
import { api } from '../api/endpoints.ts'
import type { Range } from './load.ts'

const hourMs = 3_600_000
const weekHours = 168
/** Half a day of hours tells something. */
const fewestHours = 12
const maxKept = 200
const kept = new Map<string, { readonly atMs: number; readonly range: Promise<Range | undefined> }>()

/** Between what the middle 80 % of the values lie; undefined for too few. */
export function middleOf(values: readonly (number | null)[]): Range | undefined {
  const sorted = values.filter((value) => value !== null).toSorted((a, b) => a - b)
  if (sorted.length < fewestHours) return undefined
  const at = (share: number) => sorted[Math.round((sorted.length - 1) * share)] ?? 0
  return { lowMs: at(0.1), highMs: at(0.9) }
}

/** A device's usual round trip by its hours of the last week; asked once an hour. */
export function usualOfDevice(locationId: string, deviceId: string): Promise<Range | undefined> {
  const key = `${locationId} ${deviceId}`
  const nowMs = Date.now()
  const known = kept.get(key)
  if (known !== undefined && nowMs - known.atMs < hourMs) return known.range
  const range = api
    .series(locationId, {
      family: 'device',
      subject: deviceId,
      field: 'rttP50Ms',
      fromMs: nowMs - weekHours * hourMs,
      toMs: nowMs,
      points: weekHours,
    })
    .then(({ mean }) => middleOf(mean))
    // Without it the chart still stands.
    .catch(() => undefined)
  if (kept.size >= maxKept) kept.clear()
  kept.set(key, { atMs: nowMs, range })
  return range
}

/** What is usual on the shop's own line, by the fault core. */
export const usualOfLine = (usual: readonly UsualPath[], uplinkId: string | undefined): Range | undefined =>
  usual.find(({ kind, subject }) => kind === 'line' && (uplinkId === undefined || subject === uplinkId))

/** Targets of the way out that the shop uses first; two lines are enough for the eye. */
export function lineTargets({ targets, uplinks }: Pick<LocationDetail, 'targets' | 'uplinks'>): {
  readonly uplinkId: string | undefined
  readonly targets: readonly { readonly id: string; readonly name: string }[]
} {
  const uplinkId = (uplinks.find(({ kind }) => kind === 'primary') ?? uplinks[0])?.id
  const all = targets.filter(({ kind }) => kind === 'wan')
  const own = all.filter(({ id }) => id.startsWith(`${uplinkId}_`))
  return { uplinkId, targets: (own.length > 0 ? own : all).slice(0, 2) }
}
