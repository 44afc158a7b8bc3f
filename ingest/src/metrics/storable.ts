import { type EpochMs, rowFields } from '@proactive/shared'
import { dayMs, type Point, rawRetentionDays } from './metric-store.ts'
import { RowFields } from './row-fields.ts'

/** Longest tag value; ids of the contract are far shorter. */
const maxTagChars = 256
/** What no store can hold apart in a tag: controls, and the backslash, which InfluxDB joins with the comma behind it (seen on 1.6.7). */
const unsafeInTag = /[\p{Cc}\\]/u
/** Tags remembered as good; a large fleet's fit. */
const maxKnownTags = 200_000

/** Why a point can never be stored, whatever the store. */
export type PointRefusal = 'tag' | 'time' | 'beyond-retention' | 'field'

/**
 * Takes the points that can be stored; run before every adapter, so that all refuse the same ones and one bad point never
 * takes others with it.
 */
export interface StorableFilter {
  /** Undefined where the point can be stored. */
  refusalOf(point: Point, nowMs: EpochMs): PointRefusal | undefined
  keep(
    points: readonly Point[],
    nowMs: EpochMs,
  ): { readonly storable: readonly Point[]; readonly refused: number }
}

export function createStorableFilter(): StorableFilter {
  const knownTags = new Set<string>()
  const isTag = (value: string): boolean => {
    if (knownTags.has(value)) return true
    if (value.length === 0 || value.length > maxTagChars || unsafeInTag.test(value) || !value.isWellFormed())
      return false
    if (knownTags.size >= maxKnownTags) knownTags.clear()
    knownTags.add(value)
    return true
  }
  const refusalOf = (point: Point, nowMs: EpochMs): PointRefusal | undefined => {
    if (!isTag(point.locationId) || !isTag(point.subjectId) || !isTag(point.kind)) return 'tag'
    if (!Number.isSafeInteger(point.atMs) || point.atMs < 0) return 'time'
    if (point.atMs < retainedFromMs(nowMs)) return 'beyond-retention'
    return hasGoodFields(point) ? undefined : 'field'
  }
  return {
    refusalOf,
    keep(points, nowMs) {
      const storable = points.filter((point) => refusalOf(point, nowMs) === undefined)
      return { storable, refused: points.length - storable.length }
    },
  }
}

/** Points before this moment are beyond retention. */
export const retainedFromMs = (nowMs: EpochMs): EpochMs => nowMs - rawRetentionDays * dayMs

function hasGoodFields({ family, fields }: Point): boolean {
  if (fields.size === 0) return false
  if (fields instanceof RowFields && fields.family === family) return areFinite(fields)
  const known: readonly string[] = rowFields[family]
  for (const [name, value] of fields) if (!Number.isFinite(value) || !known.includes(name)) return false
  return true
}

function areFinite({ row }: RowFields): boolean {
  for (let column = 1; column < row.length; column++) {
    const value = row[column]
    if (value !== null && !Number.isFinite(value)) return false
  }
  return true
}
