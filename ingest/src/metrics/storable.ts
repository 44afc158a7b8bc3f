import { type EpochMs, rowFields } from '@proactive/shared'
import { dayMs, type Point, rawRetentionDays } from './metric-store.ts'

/** Longest tag value; ids of the contract are far shorter. */
const maxTagChars = 256
/** What no store can hold apart in a tag: controls, and the backslash, which InfluxDB joins with the comma behind it (seen on 1.6.7). */
const unsafeInTag = /[\p{Cc}\\]/u

/** Why a point can never be stored, whatever the store. */
export type PointRefusal = 'tag' | 'time' | 'beyond-retention' | 'field'

/**
 * Whether a point can be stored; checked before every adapter, so that all refuse the same ones and one bad point never takes others with it.
 * Returns undefined where it can.
 */
export function refusalOf(point: Point, nowMs: EpochMs): PointRefusal | undefined {
  if (!isTag(point.locationId) || !isTag(point.subjectId) || !isTag(point.kind)) return 'tag'
  if (!Number.isSafeInteger(point.atMs) || point.atMs < 0) return 'time'
  if (point.atMs < retainedFromMs(nowMs)) return 'beyond-retention'
  if (point.fields.size === 0) return 'field'
  const known: readonly string[] = rowFields[point.family]
  for (const [name, value] of point.fields) {
    if (!Number.isFinite(value) || !known.includes(name)) return 'field'
  }
  return undefined
}

/** Splits off the points that can never be stored. */
export function onlyStorable(
  points: readonly Point[],
  nowMs: EpochMs,
): { readonly storable: readonly Point[]; readonly refused: number } {
  const storable = points.filter((point) => refusalOf(point, nowMs) === undefined)
  return { storable, refused: points.length - storable.length }
}

/** Points before this moment are beyond retention. */
export const retainedFromMs = (nowMs: EpochMs): EpochMs => nowMs - rawRetentionDays * dayMs

function isTag(value: string): boolean {
  return value.length > 0 && value.length <= maxTagChars && !unsafeInTag.test(value) && value.isWellFormed()
}
